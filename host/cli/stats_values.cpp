// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>

#include "cli/stats.hpp"
#include "pool/pool.hpp"
#include "show/value_list.hpp"

namespace ktstr {
namespace {

Result<ExitCode> list_values(const AppContext& context, const StatsFlags& flags) {
  ValueList values;
  PoolQuery query;
  query.archive = flags.directory;
  const auto problems = visit_pool(
      context, query,
      [&](const RunEntry&, const std::string&, const SidecarHead& sidecar) { values.add(sidecar); });
  if (!problems) return problems.error();
  for (const PoolProblem& problem : *problems) context.warn("left out: " + printable(problem.error.message));
  return show_table(
      context, flags.report, [&] { return value_list_json(values); },
      [&] { return value_list_text(values); });
}

}  // namespace

void define_stats_values(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<StatsFlags>();
  add_stats_flags(*command, *flags);
  on_stats(*command, chosen, flags, list_values);
}

}  // namespace ktstr
