// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/cli.hpp"
#include "measure/selection.hpp"
#include "show/thresholds.hpp"

namespace ktstr {
namespace {

struct ThresholdFlags {
  ReportFlags report;
  TestSelection selection;
};

Result<ExitCode> show_thresholds(const AppContext& context, const ThresholdFlags& flags) {
  const auto runner = context.plugins.make_runner(context.config.runner.use,
                                                  creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  const auto tests = discover_tests(context, **runner, context.config.project_dir);
  if (!tests) return tests.error();
  const auto selected = select_tests(*tests, flags.selection);
  if (!selected) return selected.error();
  std::vector<TestDemands> demands;
  for (const TestEntry& test : *selected)
    demands.push_back({test.name, test.topology, test.scheduler, test.demands});
  if (flags.report.json) {
    const auto told = thresholds_json(demands);
    return told ? Result<ExitCode>(print_out(to_text(*told) + "\n")) : told.error();
  }
  const auto text = thresholds_text(demands);
  return text ? Result<ExitCode>(print_out(*text)) : text.error();
}

}  // namespace

void define_show_thresholds(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<ThresholdFlags>();
  command
      ->add_option("tests", flags->selection.names,
                   "parts of test names, or globs; all tests when none is given")
      ->type_name("TEST");
  add_json_flag(*command, flags->report.json);
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, flags->report, [&](const Config&, const AppContext& context) {
        return show_thresholds(context, *flags);
      });
    };
  });
}

}  // namespace ktstr
