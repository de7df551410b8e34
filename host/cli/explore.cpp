// SPDX-License-Identifier: Apache-2.0
#include "explore/explore.hpp"

#include <charconv>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "cli/stats.hpp"
#include "select/budget.hpp"
#include "show/explore.hpp"

namespace ktstr {
namespace {

struct ExploreFlags {
  ExploreRequest request;
  std::string filter, seeds, budget;
  bool json = false;
};

std::optional<std::uint64_t> seed_of(std::string_view text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole && seed < kMostSeed ? std::optional(seed) : std::nullopt;
}

/// "1..10000", or "17" for one.
Status read_seeds(const std::string& text, ExploreRequest& request) {
  if (text.empty()) return Ok{};
  const std::size_t dots = text.find("..");
  const auto first = seed_of(std::string_view(text).substr(0, dots));
  const auto last = dots == std::string::npos ? first : seed_of(std::string_view(text).substr(dots + 2));
  if (!first || !last || *last < *first)
    return usage_error("--seeds \"" + printable(text) + "\": a range of whole numbers such as 1..10000");
  request.first = *first;
  request.last = *last;
  return Ok{};
}

Status read_flags(const Environment& environment, ExploreFlags& flags) {
  std::vector<std::string>& manifests = flags.request.selection.manifests;
  if (const Status there = find_manifests(environment.cwd, manifests); !there) return there;
  if (!manifests.empty() && flags.request.guided)
    return usage_error("--guided and --manifest exclude each other: tests of a file are run as they are");
  if (!manifests.empty()) flags.request.last = flags.request.first;
  if (const Status seeds = read_seeds(flags.seeds, flags.request); !seeds) return seeds;
  if (!flags.budget.empty()) {
    const auto seconds = parse_duration(flags.budget, "--budget");
    if (!seconds) return seconds.error();
    flags.request.budget_seconds = *seconds;
  }
  if (!flags.filter.empty()) {
    auto filter = Filter::parse(flags.filter, "-E");
    if (!filter) return filter.error();
    flags.request.selection.filter = std::move(*filter);
  }
  return Ok{};
}

Result<ExitCode> search_and_show(const AppContext& context, ExploreFlags& flags) {
  if (const Status read = read_flags(context.environment, flags); !read) return read.error();
  const auto outcome = run_explore(context, flags.request);
  if (!outcome) return outcome.error();
  const std::string text = flags.json ? to_text(explore_json(*outcome, flags.request)) + "\n"
                                      : explore_text(*outcome, out_width(context));
  return worse(print_out(text), outcome->code);
}

void define_space(CLI::App& command, ExploreFlags& flags) {
  command
      .add_option("tests", flags.request.selection.names,
                  "parts of test names, or globs; all tests when none is given")
      ->type_name("TEST");
  command.add_option("-E,--filter", flags.filter, "only tests that this expression selects (docs/filter.md)")
      ->type_name("EXPR");
  CLI::Option* seeds =
      command
          .add_option("--seeds", flags.seeds,
                      "scenarios of each test, by number (default 1..1000); one number is one")
          ->type_name("A..B");
  command
      .add_option("--manifest", flags.request.selection.manifests,
                  "the tests of this file as they are, judged as scenarios are: what was found, once more; "
                  "repeatable")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false)
      ->excludes(seeds);
  command
      .add_option("--base", flags.request.base,
                  "run each scenario on this commit too: what HEAD fails in and it does not, or is worse in")
      ->type_name("COMMIT");
  command
      .add_option(
          "--vary", flags.request.vary,
          "what is varied: work,affinity,cpuset,nice,policy,steps, as the runner has it; all when left out")
      ->type_name("NAME")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false);
}

}  // namespace

void define_explore(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<ExploreFlags>();
  ExploreRequest& request = flags->request;
  define_space(*command, *flags);
  command->add_option("--budget", flags->budget, "end after this time: 90s, 10m, 1h30m")->type_name("TIME");
  command->add_option("--kernel", request.kernel, "kernel to boot, as ktstr test takes it")
      ->type_name("KERNEL");
  command->add_option("--seed", request.seed, "of the guests' random choices, the same for all (default 1)")
      ->type_name("S")
      ->check(whole_number());
  command->add_option("-j,--jobs", request.jobs, "guests side by side; 0: as the machine allows")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--output", request.output, "directory of what is found (default target/explore)")
      ->type_name("DIR");
  command->add_flag("--guided", request.guided,
                    "vary further, three times in four, what made the scheduler do something new");
  command->add_flag("--fresh", request.fresh, "begin anew instead of going on where the same search ended");
  add_json_flag(*command, flags->json);
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, ReportFlags{{}, flags->json},
                              [&](Config& config, const AppContext& context) -> Result<ExitCode> {
                                config.reporters.clear();  // the table is the report
                                return search_and_show(context, *flags);
                              });
    };
  });
}

}  // namespace ktstr
