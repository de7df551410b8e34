// SPDX-License-Identifier: Apache-2.0
#include "cli/stats.hpp"
#include "pool/run_selection.hpp"
#include "show/explanation.hpp"

namespace ktstr {
namespace {

Result<ExitCode> explain_sidecars(const AppContext& context, const StatsFlags& flags) {
  const auto selected = read_run(context, flags.directory, flags.run);
  if (!selected) return selected.error();
  Explanation explanation;
  explanation.walked = selected->walked;
  explain(selected->documents, explanation);
  for (const PoolProblem& problem : selected->problems) {
    (problem.io ? explanation.unreadable : explanation.corrupt)
        .push_back({problem.file, problem.error.message, problem.error.hint});
  }
  return show_table(
      context, flags.report, [&] { return explanation_json(explanation); },
      [&] { return explanation_text(explanation, out_width(context)); });
}

}  // namespace

void define_stats_explain(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<StatsFlags>();
  command
      ->add_option("--run", flags->run,
                   "a run as ktstr stats list prints it, or one folder of it: RUN/FOLDER")
      ->required()
      ->type_name("RUN");
  add_stats_flags(*command, *flags);
  on_stats(*command, chosen, flags, explain_sidecars);
}

}  // namespace ktstr
