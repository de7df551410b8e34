// SPDX-License-Identifier: Apache-2.0
#include "cli/stats.hpp"

#include <ktstr/kit/text.hpp>

#include "pool/run_selection.hpp"
#include "show/run_report.hpp"

namespace ktstr {
namespace {

struct ReportFlagsOfStats : StatsFlags {
  std::string outliers = "robust";
};

Result<ExitCode> analyse(const AppContext& context, const ReportFlagsOfStats& flags) {
  const auto selected = flags.run.empty() ? read_latest_run(context, flags.directory)
                                          : read_run(context, flags.directory, flags.run);
  if (!selected) return selected.error();
  for (const PoolProblem& problem : selected->problems)
    context.warn("left out: " + printable(problem.error.message));
  if (selected->documents.empty()) {
    context.inform("no sidecar data found; make some with: ktstr test");
    if (!flags.report.json && flags.report.reporters.empty()) return ExitCode::kFine;
  }
  const RunReport report = report_of(selected->run, selected->documents, context.config.metrics,
                                     flags.outliers == "sigma" ? OutlierRule::kSigma : OutlierRule::kRobust);
  return show_body(context, KTSTR_DOCUMENT_STATS,
                   {to_text(run_report_json(report)) + "\n", run_report_text(report, out_width(context))});
}

}  // namespace

void add_stats_flags(CLI::App& command, StatsFlags& flags) {
  command
      .add_option("--dir", flags.directory,
                  "a folder of run directories (an archive from elsewhere) instead of the project's own")
      ->type_name("DIR");
  add_report_flags(command, flags.report);
}

void define_stats(CLI::App* stats, CommandAction& chosen) {
  auto flags = std::make_shared<ReportFlagsOfStats>();

  add_stats_flags(*stats, *flags);
  stats->add_option("--run", flags->run, "analyse this run instead of the latest")->type_name("RUN");
  stats
      ->add_option("--outliers", flags->outliers,
                   "robust: median and MAD within a scenario; sigma: mean + 2 standard deviations of all "
                   "results (default robust)")
      ->check(one_of({"robust", "sigma"}))
      ->type_name("RULE");
  stats->callback([stats, flags, &chosen] {
    if (stats->get_subcommands().empty()) {
      chosen = [flags](Session& session) {
        return with_application(session, flags->report, [&](const Config&, const AppContext& context) {
          return analyse(context, *flags);
        });
      };
      return;
    }
    // Options of the bare command would be taken and ignored.
    const std::string name = stats->get_subcommands().front()->get_name();
    for (const CLI::Option* option :
         stats->get_options([](const CLI::Option* o) { return o->count() > 0; })) {
      const Error error =
          usage_error("ktstr stats " + name + " does not take " + option->get_name() + " from ktstr stats",
                      "options of " + name + " stand behind it; see ktstr stats " + name + " --help");
      chosen = [error](Session&) { return report(error); };
    }
  });
}

}  // namespace ktstr
