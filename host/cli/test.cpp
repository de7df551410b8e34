// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/ci_reporters.hpp"
#include "cli/cli.hpp"
#include "measure/guest_shell.hpp"
#include "measure/test_session.hpp"
#include "select/budget.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct TestFlags {
  TestRequest request;
  ReportFlags report;
  std::string filter, partition, flaky, budget;
  std::optional<unsigned> jobs, retries;
  CommitChoice base;
  bool list = false, dry_run = false, relevant = false;
};

/// What would boot the machine of a test; empty: its runner does not tell.
Result<std::string> machine_line(const AppContext& context, RunnerPort& runner, const PlannedRun& run,
                                 const TestEntry& test, bool deterministic) {
  ShellWish wish;
  wish.test = &test;
  wish.dry_run = wish.as_test = true;
  wish.deterministic = deterministic;
  const auto told = open_shell(context, runner, run.image, wish);
  if (!told) return told.error();
  return *told ? shell_line((*told)->command_line) : std::string();
}

/// The tests that the filters select, without running any.
Result<ExitCode> list_tests(const AppContext& context, const TestFlags& flags) {
  const auto runs = planned_tests(context, flags.request);
  if (!runs) return runs.error();
  const bool several = runs->size() > 1;
  json::array rows;
  std::vector<std::vector<std::string>> table{{"TEST", "TOPOLOGY", "SCHEDULER", "WORK TYPE", "PERF"}};
  if (several) table.front().push_back("KERNEL");
  std::string lines;
  std::unique_ptr<RunnerPort> runner;
  if (flags.dry_run) {
    auto made = context.plugins.make_runner(context.config.runner.use,
                                            creation_of(context, context.config.runner.options_json));
    if (!made) return made.error();
    runner = std::move(*made);
  }
  for (const PlannedRun& run : *runs) {
    for (const TestEntry& test : run.tests) {
      rows.push_back(json::object{{"test", test.name},
                                  {"topology", test.topology},
                                  {"scheduler", test.scheduler},
                                  {"work_type", test.work_type},
                                  {"performance_mode", test.performance_mode},
                                  {"duration_ms", test.duration_ms},
                                  {"manifest", test.manifest},
                                  {"kernel", or_null(run.kernel)},
                                  {"run", run.key}});
      table.push_back({printable(test.name), printable(test.topology), printable(test.scheduler),
                       printable(test.work_type), test.performance_mode ? "yes" : "-"});
      if (several) table.back().push_back(printable(run.kernel));
      if (!flags.dry_run) continue;
      const auto line = machine_line(context, *runner, run, test, flags.request.deterministic);
      if (!line) return line.error();
      rows.back().get_object()["command"] = or_null(*line);
      if (!line->empty())
        lines += "\n# " + printable(test.name) + (several ? " on " + printable(run.kernel) : "") + "\n" +
                 *line + "\n";
    }
  }
  if (flags.report.json)
    return print_out(to_text(document("test-list", {{"tests", std::move(rows)}})) + "\n");
  return runs->empty() ? ExitCode::kFine : print_out(text_table(table) + lines);
}

/// Turns what was typed into a request.
Status read_flags(const Environment& environment, const Config& config, TestFlags& flags) {
  TestSelection& selection = flags.request.selection;
  if (const Status there = find_manifests(environment.cwd, selection.manifests); !there) return there;
  if (!flags.filter.empty()) {
    auto filter = Filter::parse(flags.filter, "-E");
    if (!filter) return filter.error();
    selection.filter = std::move(*filter);
  }
  const ProfileDefaults& defaults = config.defaults;
  if (const std::string& part = flags.partition.empty() ? defaults.partition : flags.partition;
      !part.empty()) {
    const auto partition = Partition::parse(part);
    if (!partition) return partition.error();
    selection.partition = *partition;
  }
  TestRequest& request = flags.request;
  const bool has_base = !(flags.base.base + flags.base.base_ref + flags.base.default_branch).empty();
  if (has_base && !flags.relevant)
    return usage_error("--base, --base-ref and --default-branch say what --relevant compares with",
                       "add --relevant");
  if (flags.relevant) request.relevant = flags.base;
  if (!flags.budget.empty()) {
    const auto seconds = parse_duration(flags.budget, "--budget");
    if (!seconds) return seconds.error();
    request.budget_seconds = *seconds;
  }
  request.jobs = flags.jobs.value_or(defaults.jobs.value_or(0));
  request.retries = flags.retries.value_or(request.deterministic ? 0 : defaults.retries.value_or(0));
  if (request.retries > 10)
    return usage_error("--retries " + std::to_string(request.retries) + ": at most 10");
  if (request.deterministic && request.retries > 0)
    return usage_error("--retries and --deterministic exclude each other: equal inputs end alike");
  if (request.cost && !request.deterministic)
    return usage_error("--cost counts instructions, which only virtual time makes repeat",
                       "add --deterministic");
  if (!flags.flaky.empty() && flags.flaky != "pass" && flags.flaky != "fail")
    return usage_error("--flaky \"" + printable(flags.flaky) + "\": pass or fail");
  request.flaky_fails = flags.flaky.empty() ? defaults.flaky_fails.value_or(false) : flags.flaky == "fail";
  flags.request.strict = flags.request.strict || config.strict;
  return Ok{};
}

void define_selection(CLI::App& command, TestFlags& flags) {
  TestSelection& selection = flags.request.selection;
  command.add_option("tests", selection.names, "parts of test names, or globs; all tests when none is given")
      ->type_name("TEST");
  command.add_option("-E,--filter", flags.filter, "only tests that this expression selects (docs/filter.md)")
      ->type_name("EXPR");
  command
      .add_option("--manifest", selection.manifests,
                  "only the tests of this file, which ktstr.json need not list; repeatable")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--performance-only", selection.performance_only, "run performance_mode tests only");
  command.add_flag("--failed", selection.failed,
                   "only what failed or did not end in this run, or in the newest run of its kernel");
  command.add_flag("--relevant", flags.relevant,
                   "only what the change since a commit can touch, as ktstr affected tells");
  add_commit_flags(command, flags.base);
  command
      .add_option("--partition", flags.partition, "one of n parts of what is selected: slice:m/n or hash:m/n")
      ->type_name("KIND:m/n");
  command
      .add_option(
          "--budget", flags.budget,
          "only what fits into this time and covers most, by how long tests took before: 90s, 5m, 1h30m")
      ->type_name("TIME");
  command.add_flag("--list", flags.list,
                   "check everything that a run needs, print the selected tests and run none");
  command.add_flag("--dry-run", flags.dry_run,
                   "the same with the command line that boots the machine of each test");
}

}  // namespace

void define_test(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<TestFlags>();
  define_selection(*command, *flags);
  command
      ->add_option(
          "--kernel", flags->request.kernels,
          "kernel to boot: a version (6.18), a cached name, an image or a build tree; repeatable, and "
          "6.12..6.18 is every cached kernel between; each is a run of its own")
      ->type_name("KERNEL")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--deterministic", flags->request.deterministic,
                    "virtual time: equal inputs give equal sidecars");
  command->add_option("--seed", flags->request.seed, "of the workload's random choices (default 1)")
      ->type_name("S")
      ->check(whole_number());
  command->add_flag("--cold", flags->request.cold, "boot every guest instead of starting from a template");
  command->add_flag("--trace", flags->request.trace,
                    "each test leaves a trace of context switches and wake-ups for ui.perfetto.dev");
  command->add_flag("--cost", flags->request.cost,
                    "count the kernel's instructions by function (docs/cost.md); needs --deterministic");
  command
      ->add_option("--retries", flags->retries,
                   "run a test that fails up to N times more; one that then passes is FLAKY, no plain pass")
      ->type_name("N")
      ->check(whole_number());
  command
      ->add_option("--flaky", flags->flaky,
                   "what a flaky test means for the exit code: pass (default) or fail")
      ->type_name("WORD");
  command->add_option("-j,--jobs", flags->jobs, "tests side by side; 0: as the machine allows")
      ->type_name("N")
      ->check(whole_number());
  command->add_flag("--strict", flags->request.strict,
                    "end with 5 instead of 0 when a test was skipped or flaky");
  command->add_flag("--no-skip", flags->request.no_skip, "a test that is skipped has failed: end with 1");
  add_report_flags(*command, flags->report);
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(
          session, flags->report, [&](Config& config, const AppContext& context) -> Result<ExitCode> {
            if (const Status read = read_flags(context.environment, config, *flags); !read)
              return read.error();
            if (flags->list || flags->dry_run) return list_tests(context, *flags);
            add_ci_reporters(config);
            return run_test_session(context, flags->request);
          });
    };
  });
}

}  // namespace ktstr
