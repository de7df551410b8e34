// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "measure/test_session.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct TestFlags {
  TestRequest request;
  ReportFlags report;
  std::string filter;
  bool list = false;
};

/// The tests that the filters select, without running any.
Result<ExitCode> list_tests(const AppContext& context, const TestFlags& flags) {
  const auto selected = planned_tests(context, flags.request);
  if (!selected) return selected.error();
  json::array rows;
  std::vector<std::vector<std::string>> table{{"TEST", "TOPOLOGY", "SCHEDULER", "WORK TYPE", "PERF"}};
  for (const TestEntry& test : *selected) {
    rows.push_back(json::object{{"test", test.name},
                                {"topology", test.topology},
                                {"scheduler", test.scheduler},
                                {"work_type", test.work_type},
                                {"performance_mode", test.performance_mode},
                                {"duration_ms", test.duration_ms},
                                {"manifest", test.manifest}});
    table.push_back({printable(test.name), printable(test.topology), printable(test.scheduler),
                     printable(test.work_type), test.performance_mode ? "yes" : "-"});
  }
  return print_out(flags.report.json ? to_text(rows) + "\n" : text_table(table));
}

}  // namespace

void define_test(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<TestFlags>();
  command
      ->add_option("tests", flags->request.selection.names,
                   "parts of test names, or globs; all tests when none is given")
      ->type_name("TEST");
  command
      ->add_option("-E,--filter", flags->filter, "only tests that this expression selects (docs/filter.md)")
      ->type_name("EXPR");
  command
      ->add_option("--kernel", flags->request.kernel,
                   "kernel to boot: a version (6.18), a cached name, an image or a build tree")
      ->type_name("KERNEL");
  command->add_flag("--performance-only", flags->request.selection.performance_only,
                    "run performance_mode tests only");
  command->add_flag("--deterministic", flags->request.deterministic,
                    "virtual time: equal inputs give equal sidecars");
  command->add_option("--seed", flags->request.seed, "of the workload's random choices (default 1)")
      ->type_name("S")
      ->check(whole_number());
  command->add_flag("--cold", flags->request.cold, "boot every guest instead of starting from a template");
  command->add_option("-j,--jobs", flags->request.jobs, "tests side by side; 0: as the machine allows")
      ->type_name("N")
      ->check(whole_number());
  command->add_flag("--strict", flags->request.strict, "end with 5 instead of 0 when a test was skipped");
  command->add_flag("--list", flags->list,
                    "check everything that a run needs, print the selected tests and run none");
  add_report_flags(*command, flags->report);
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(
          session, flags->report, [&](const Config& config, const AppContext& context) -> Result<ExitCode> {
            if (!flags->filter.empty()) {
              auto filter = Filter::parse(flags->filter, "-E");
              if (!filter) return filter.error();
              flags->request.selection.filter = std::move(*filter);
            }
            flags->request.strict = flags->request.strict || config.strict;
            return flags->list ? list_tests(context, *flags) : run_test_session(context, flags->request);
          });
    };
  });
}

}  // namespace ktstr
