// SPDX-License-Identifier: Apache-2.0
#include "delta/bisect.hpp"

#include <filesystem>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "report/reports.hpp"
#include "select/test_words.hpp"
#include "show/bisect.hpp"

namespace ktstr {
namespace {

struct BisectFlags {
  BisectRequest request;
  std::vector<std::string> gates;
  TestWords tests;
  ReportFlags report;
};

Status check_repeats(const BisectRequest& request) {
  const std::string given = "--noise-adjust " + std::to_string(request.repeats);
  if (request.repeats > 1000) return usage_error(given + ": at most 1000 runs a side");
  if (request.repeats < 2) return usage_error(given + ": at least 2 runs a side are needed");
  if (request.deterministic || request.repeats >= kFewestBisectRuns) return Ok{};
  const std::string fewest = std::to_string(kFewestBisectRuns);
  return usage_error(given + ": steps between the ends meet runs of another time, which takes at least " +
                         fewest + " a side to judge",
                     "--noise-adjust " + fewest + " or more, or --deterministic");
}

/// Commits need both ends, kernels none; a flag that would be ignored is a mistake.
Status check_what(const BisectRequest& request) {
  const bool ends = !request.good.empty() || !request.bad.empty(), git = !request.kernel_git.empty();
  if (ends && (request.good.empty() || request.bad.empty()))
    return usage_error(std::string(request.good.empty() ? "--good" : "--bad") + " is missing",
                       "both ends of the commits that are searched: --good A --bad B");
  if (git != !request.kernel_build.empty())
    return usage_error("--kernel-git and --kernel-build belong together",
                       "--kernel-git ~/src/linux --kernel-build 'make olddefconfig bzImage'");
  if (git && !ends)
    return usage_error("--kernel-git needs both ends", "commits of that tree: --good v6.17 --bad v6.18");
  if (git && !request.kernels.empty())
    return usage_error("--kernel and --kernel-git exclude each other: each commit's kernel is what runs");
  if (git || !ends) {
    if (!git && request.kernels.empty())
      return usage_error("what is to be searched?",
                         "commits: --good A --bad B; kernels: --kernel 6.12..6.18");
    return git && request.fetch ? Status(usage_error("--fetch has no meaning for --kernel-git"))
                                : Status(Ok{});
  }
  if (request.kernels.size() > 1)
    return usage_error("--kernel is given twice: commits are compared on one kernel",
                       "leave --good and --bad out to search the kernels");
  if (request.fetch)
    return usage_error("--fetch has no meaning where commits are searched", "ktstr kernel fetch VERSION");
  return Ok{};
}

void define_line(CLI::App& command, BisectFlags& flags) {
  BisectRequest& request = flags.request;
  command
      .add_option("tests", flags.tests.names,
                  "tests that show it: parts of names, or globs; -E or this has to be said")
      ->type_name("TEST");
  command.add_option("-E,--filter", flags.tests.expression, "tests that show it (docs/filter.md)")
      ->type_name("EXPR");
  command.add_option("--good", request.good, "a commit that is fine")->type_name("COMMIT");
  command.add_option("--bad", request.bad, "a later commit that is not")->type_name("COMMIT");
  command
      .add_option("--kernel", request.kernels,
                  "kernel to run; without --good and --bad the kernels that are searched, oldest first: "
                  "6.12..6.18 is every cached one between; repeatable then")
      ->type_name("KERNEL")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--fetch", request.fetch,
                   "search Debian's kernels of the ranges too, each fetched when it is its turn");
  command
      .add_option("--kernel-git", request.kernel_git,
                  "a git tree of Linux: --good and --bad are its commits, each built when it is its turn")
      ->type_name("DIR");
  command
      .add_option("--kernel-build", request.kernel_build,
                  "the shell command that builds a checkout of it, its configuration included")
      ->type_name("CMD");
  command.add_option("--metric", request.metric, "the metric that got worse; any gating one when left out")
      ->type_name("METRIC");
}

void define_runs(CLI::App& command, BisectFlags& flags) {
  BisectRequest& request = flags.request;
  command.add_option("--noise-adjust", request.repeats, "runs a side at each step (default 5)")
      ->type_name("N")
      ->check(whole_number());
  command.add_option("--gate", flags.gates, "gate and its options: NAME[::key=value]; repeatable")
      ->type_name("SPEC")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--deterministic", request.deterministic,
                   "virtual time: the size of the change alone decides");
  command
      .add_option("--seed", request.plan.seed, "of the shuffles and of the first block's runs (default 1)")
      ->type_name("S")
      ->check(whole_number());
  command.add_flag("--resume", request.resume, "take up the runs of an interrupted search");
  command.add_option("-j,--jobs", request.jobs, "tests side by side; 0: as the machine allows")
      ->type_name("N")
      ->check(whole_number());
  command.add_flag(
      "--strict", request.strict,
      "end with 5 instead of 0 when a commit or kernel was skipped, or anything was missing or warned about");
  add_report_flags(command, flags.report);
}

Result<ExitCode> search(BisectFlags& flags, Config& config, const AppContext& context) {
  BisectRequest& request = flags.request;
  if (const Status fine = check_what(request); !fine) return fine.error();
  if (const Status fine = check_repeats(request); !fine) return fine.error();
  if (flags.tests.names.empty() && flags.tests.expression.empty())
    return usage_error("which tests show it?", "name them, or say -E EXPR (docs/filter.md)");
  if (!request.kernel_git.empty())
    request.kernel_git = std::filesystem::absolute(request.kernel_git).string();
  request.strict = request.strict || config.strict;
  auto filter = filter_of(flags.tests);
  if (!filter) return filter.error();
  request.filter = std::move(*filter);
  if (const Status applied = apply_gate_flags(flags.gates, config); !applied) return applied.error();
  const auto reports = open_for_body(context, KTSTR_DOCUMENT_BISECT);
  if (!reports) return reports.error();
  const auto outcome = run_bisect(context, request);
  if (!outcome) return outcome.error();
  const bool found = !outcome->first_bad.empty() && outcome->strict.empty();
  return show_body(context, **reports,
                   {to_text(bisect_json(*outcome)) + "\n", bisect_text(*outcome, context.width)},
                   found ? ExitCode::kFine : ExitCode::kInconclusive);
}

}  // namespace

void define_bisect(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<BisectFlags>();
  define_line(*command, *flags);
  define_runs(*command, *flags);
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, flags->report, [&](Config& config, const AppContext& context) {
        return search(*flags, config, context);
      });
    };
  });
}

}  // namespace ktstr
