// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>

#include "cli/stats.hpp"
#include "show/run_list.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct ListFlags : StatsFlags {
  bool history = false;
};

Result<ExitCode> list_pool(const AppContext& context, const ListFlags& flags) {
  const auto runs = list_runs(context, flags.directory, flags.history);
  if (!runs) return runs.error();
  const bool is_document = flags.report.json || !flags.report.reporters.empty();
  if (runs->empty() && !is_document) {
    context.inform("no runs yet; make one with: ktstr test");
    return ExitCode::kFine;
  }
  return show_table(
      context, flags.report, [&] { return run_list_json(*runs); },
      [&] { return runs->empty() ? std::string() : run_list_text(*runs, out_width(context)); });
}

}  // namespace

void define_stats_list(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<ListFlags>();
  add_stats_flags(*command, *flags);
  command->add_flag("--history", flags->history, "also what re-runs put aside (store option \"history\")");
  on_stats(*command, chosen, flags, list_pool);
}

}  // namespace ktstr
