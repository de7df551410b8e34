// SPDX-License-Identifier: Apache-2.0
#include "delta/perf_delta.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <memory>
#include <set>
#include <span>

#include "cli/ci_reporters.hpp"
#include "cli/cli.hpp"
#include "config/load.hpp"
#include "config/plugin_choice.hpp"
#include "config/store_choice.hpp"
#include "delta/gate_score.hpp"
#include "noise/sequential.hpp"
#include "report/report_store.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace {

struct PerfDeltaFlags {
  PerfDeltaRequest request;
  ReportFlags report;
  std::vector<std::string> gates, axis;
  std::string filter, policy, order, baseline_store;
  unsigned repeats = 0;
  double threshold_percent = 0, phase_percent = 0, least_sight = 50;
  std::uint64_t phase = 0;
  bool last = false;
};

const std::set<std::string> kForBisect = {"gate", "deterministic", "seed", "jobs"};

/// For commands that are suggested, when it was typed.
std::string kept_profile(const GlobalFlags& flags) {
  return flags.profile.empty() ? std::string() : " --profile " + shell_word(flags.profile);
}

/// What a suggested command says in its own way, or what repeated runs do not take.
bool is_replaced(const std::string& name) {
  static const std::set<std::string> kReplaced = {
      "base",   "base-ref",       "default-branch",  "axis",       "noise-adjust",   "kernel", "threshold",
      "policy", "resume",         "confirm",         "sequential", "reuse-baseline", "help",   "last",
      "dir",    "baseline-store", "require-baseline"};
  return kReplaced.contains(name);
}

/// The flags that were typed: what they need of each other is checked before anything is read.
class Given {
 public:
  explicit Given(const CLI::App& command) {
    for (const CLI::Option* option : command.get_options()) {
      if (option->count() == 0) continue;
      for (const std::string& name : option->get_lnames()) names_.insert("--" + name);
      if (option->get_lnames().empty() || is_replaced(option->get_lnames().front())) continue;
      const std::string flag = option->get_snames().empty() ? "--" + option->get_lnames().front()
                                                            : "-" + option->get_snames().front();
      std::string words;
      if (option->get_expected_max() == 0) words = " " + flag;
      for (const std::string& value :
           option->get_expected_max() == 0 ? std::vector<std::string>() : option->results())
        words += " " + flag + " " + shell_word(value);
      kept_ += words;
      if (kForBisect.contains(option->get_lnames().front())) bisected_ += words;
    }
  }
  /// As if it had been typed, but not part of what is suggested.
  void add(const std::string& name) { names_.insert(name); }
  bool operator()(const std::string& name) const { return names_.contains(name); }
  /// As it was typed, for commands that are suggested.
  const std::string& kept() const { return kept_; }
  const std::string& kept_for_bisect() const { return bisected_; }
  /// One that was given and is none of these; empty: there is none.
  std::string other_than(std::span<const char* const> known) const {
    const auto other = std::find_if(names_.begin(), names_.end(), [&](const std::string& name) {
      return std::find(known.begin(), known.end(), name) == known.end();
    });
    return other == names_.end() ? std::string() : *other;
  }

 private:
  std::set<std::string> names_;
  std::string kept_, bisected_;
};

/// What the profile in force says in place of flags that were not typed.
void take_from_profile(const ProfileDefaults& defaults, Given& given, PerfDeltaFlags& flags) {
  PerfDeltaRequest& request = flags.request;
  if (defaults.jobs && !given("--jobs")) request.jobs = *defaults.jobs;
  if (defaults.fail_threshold && !given("--fail-threshold"))
    request.verdict.fail_threshold = *defaults.fail_threshold;
  if (given("--noise-adjust") || given("--threshold") || given("--policy")) return;
  if (defaults.repeats) {
    flags.repeats = *defaults.repeats;
    given.add("--noise-adjust");
  } else if (defaults.threshold) {
    flags.threshold_percent = *defaults.threshold;
    given.add("--threshold");
  } else if (!defaults.policy.empty()) {
    flags.policy = defaults.policy.string();
    given.add("--policy");
  }
}

constexpr const char* kRepeatedOnly[] = {"--order",     "--resume",         "--reuse-baseline",
                                         "--confirm",   "--sequential",     "--deterministic",
                                         "--cold",      "--seed",           "--noise-spread-threshold",
                                         "--no-phases", "--phases-only",    "--steps-only",
                                         "--phase",     "--phase-threshold"};

constexpr const char* kStoredOnly[] = {"--dir", "--baseline-store", "--require-baseline"};

constexpr std::pair<const char*, const char*> kExclusive[] = {
    {"--threshold", "--policy"},   {"--threshold", "--noise-adjust"}, {"--policy", "--noise-adjust"},
    {"--steps-only", "--phase"},   {"--no-phases", "--phases-only"},  {"--axis", "--reuse-baseline"},
    {"--axis", "--base-ref"},      {"--axis", "--default-branch"},    {"--sequential", "--reuse-baseline"},
    {"--sequential", "--confirm"}, {"--confirm", "--reuse-baseline"}, {"--dir", "--baseline-store"},
    {"--axis", "--dir"},           {"--axis", "--baseline-store"},    {"--axis", "--require-baseline"}};

/// What a report that is printed again can still be shown with.
constexpr const char* kWithLast[] = {"--last", "--reporter", "--json", "--all-metrics"};

Status check_combination(const Given& given) {
  if (given("--last")) {
    if (const std::string other = given.other_than(kWithLast); !other.empty())
      return usage_error("--last and " + other + " exclude each other: the last report is printed as it was");
    return Ok{};
  }
  for (const auto& [a, b] : kExclusive) {
    if (!given(a) || !given(b)) continue;
    const bool judged = std::string_view(b) == "--noise-adjust";
    return usage_error(
        std::string(a) + " and " + b + " exclude each other" +
        (judged ? ": repeated runs are judged by the registry's gates and by what tests declare" : ""));
  }
  if (given("--noise-adjust")) {
    for (const char* name : kStoredOnly) {
      if (given(name))
        return usage_error(std::string(name) + " and --noise-adjust exclude each other: both sides are run");
    }
    return Ok{};
  }
  for (const char* name : kRepeatedOnly) {
    if (given(name))
      return usage_error(std::string(name) + " needs --noise-adjust N: stored sidecars are not run again");
  }
  return Ok{};
}

Status check_repeats(const PerfDeltaFlags& flags, const Config& config) {
  const std::string given = "--noise-adjust " + std::to_string(flags.repeats);
  if (flags.repeats < 2)
    return usage_error(given + ": at least 2 runs a side are needed to see noise",
                       "5 or more tell much more");
  if (flags.repeats > 1000) return usage_error(given + ": at most 1000 runs a side");
  const bool axis_of_kernels = !flags.axis.empty() && flags.axis.front() == "kernel";
  if (axis_of_kernels && !flags.request.kernel.empty())
    return usage_error("--axis kernel names the kernels: leave --kernel out");
  if (flags.request.needs_kernel && !axis_of_kernels && flags.request.kernel.empty() &&
      config.kernel.empty()) {
    return usage_error("--noise-adjust needs --kernel",
                       "for example --kernel 6.18; ktstr kernel list shows what is there");
  }
  return Ok{};
}

Status not_negative(double value, const char* flag) {
  return value >= 0 && value <= 1e6 ? Status(Ok{})
                                    : usage_error(std::string(flag) + " is a percentage, 0 or more");
}

Status read_axis(const std::vector<std::string>& words, PerfDeltaRequest& request) {
  const std::vector<std::string> names = {"kernel", "scheduler", "topology"};
  AxisChoice choice{Axis::kKernel, words[0], words[1], words[2]};
  if (words[0] == "scheduler") {
    choice.axis = Axis::kScheduler;
  } else if (words[0] == "topology") {
    choice.axis = Axis::kTopology;
  } else if (words[0] != "kernel") {
    return usage_error(
        "--axis: there is no axis \"" + printable(words[0]) + "\"" + suggestion(words[0], names),
        "kernel, scheduler or topology, then the two values to compare");
  }
  if (choice.a == choice.b)
    return usage_error("--axis " + words[0] + ": both values are \"" + printable(choice.a) + "\"");
  request.axis = choice;
  return Ok{};
}

/// Turns what was typed into a request.
Status read_flags(const Given& given, const Environment& environment, const MetricRegistry& metrics,
                  const PluginChoice& configured, PerfDeltaFlags& flags) {
  PerfDeltaRequest& request = flags.request;
  if (given("--axis")) {
    if (const Status read = read_axis(flags.axis, request); !read) return read;
  }
  if (given("--filter")) {
    auto filter = Filter::parse(flags.filter, "-E");
    if (!filter) return filter.error();
    request.filter = std::move(*filter);
  }
  if (given("--baseline-store")) {
    auto store = parse_store(flags.baseline_store, environment.cwd, configured, "--baseline-store");
    if (!store) return store.error();
    request.baseline_store = std::move(*store);
  }
  if (given("--threshold")) {
    if (const Status fine = not_negative(flags.threshold_percent, "--threshold"); !fine) return fine;
    request.policy = Policy::uniform(flags.threshold_percent / 100);
  }
  if (given("--policy")) {
    const auto text = read_file(std::filesystem::path(environment.cwd) / flags.policy, 4 << 20);
    if (!text) return usage_error("--policy: " + text.error().message);
    auto policy = Policy::parse(*text, flags.policy, metrics);
    if (!policy) return policy.error();
    request.policy = std::move(*policy);
  }
  if (given("--order")) {
    const auto order = parse_order(flags.order);
    if (!order) return order.error();
    request.plan.order = *order;
  }
  if (given("--noise-spread-threshold")) {
    if (const Status fine = not_negative(request.noise_spread_percent, "--noise-spread-threshold"); !fine)
      return fine;
  }
  if (given("--phase-threshold")) {
    if (const Status fine = not_negative(flags.phase_percent, "--phase-threshold"); !fine) return fine;
    request.phases.selection.least_change = flags.phase_percent / 100;
  }
  std::vector<std::string>& names = request.verdict.must_fail;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (given("--phase")) request.phases.selection.phase = flags.phase;
  if (!(flags.least_sight >= 0 && flags.least_sight <= 100))
    return usage_error("--least-sight is a percentage from 0 to 100");
  if (given("--confirm") && (request.confirm < 2 || request.confirm > 1000))
    return usage_error("--confirm takes 2 to 1000 fresh pairs");
  if (given("--noise-adjust")) {
    request.repeats = flags.repeats;
    if (request.sequential) return check_looks(flags.repeats);
  }
  return Ok{};
}

/// What is compared with what.
void define_sides(CLI::App& command, PerfDeltaFlags& flags) {
  PerfDeltaRequest& request = flags.request;
  add_commit_flags(command, request.choice);
  command
      .add_option(
          "--dir", request.baseline_directory,
          "the baseline's stored runs lie in this folder of run directories, which was downloaded, say")
      ->type_name("DIR");
  command
      .add_option("--baseline-store", flags.baseline_store,
                  "the baseline's stored runs lie in this store: a URL, a directory, a plugin's name")
      ->type_name("STORE");
  command.add_flag("--require-baseline", request.require_baseline,
                   "fail (exit code 1) when nothing is stored of the baseline");
  command
      .add_option("--axis", flags.axis,
                  "compare one commit along kernel, scheduler or topology instead: stored sidecars, or fresh "
                  "runs with --noise-adjust")
      ->type_name("NAME A B")
      ->expected(3);
  command
      .add_option("--noise-adjust", flags.repeats,
                  "check out, build and run both sides N times, and judge by the spread")
      ->type_name("N")
      ->check(whole_number());
  command.add_option("--kernel", request.kernel, "kernel to run, or whose sidecars to compare")
      ->type_name("KERNEL");
  command.add_option("-E,--filter", flags.filter, "only tests that this expression selects (docs/filter.md)")
      ->type_name("EXPR");
}

/// How the verdict is found.
void define_judgement(CLI::App& command, PerfDeltaFlags& flags) {
  PerfDeltaRequest& request = flags.request;
  command
      .add_option("--threshold", flags.threshold_percent, "one relative gate for every metric, in percent")
      ->type_name("PCT");
  command
      .add_option("--policy", flags.policy,
                  "gates of single metrics and scenarios, from a file (docs/policy.md)")
      ->type_name("FILE");
  command
      .add_option("--fail-threshold", request.verdict.fail_threshold,
                  "regressions that fail the build: metrics for the gates threshold and welch+threshold "
                  "(default 5), else families (default 1 where the gate states q); 0: counting is off")
      ->type_name("N")
      ->check(whole_number());
  command.add_option("--must-fail", request.verdict.must_fail, "metrics whose regression fails alone")
      ->type_name("METRIC,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->take_all();
  command
      .add_option("--gate", flags.gates,
                  "gate and its options: NAME[::key=value]; repeatable or NAME+NAME, all must agree (default "
                  "fdr, threshold for stored runs; the reference page's: welch+threshold)")
      ->type_name("SPEC")
      ->take_all()
      ->allow_extra_args(false);
  command
      .add_option("--least-sight", flags.least_sight,
                  "no pass when fewer of the gating metrics could have shown a change of their own gate's "
                  "size (default 50)")
      ->type_name("PCT");
  command.add_flag("--strict", request.strict,
                   "end with 5 instead of 0 when anything was missing, left out, skipped or warned about");
}

void define_running(CLI::App& command, PerfDeltaFlags& flags) {
  PerfDeltaRequest& request = flags.request;
  command.add_flag("--last", flags.last, "print the last report again, with its exit code");
  command.add_flag("--all-metrics", request.all_metrics, "show unchanged metrics too");
  command.add_option("-j,--jobs", request.jobs, "tests side by side; 0: as the machine allows")
      ->type_name("N")
      ->check(whole_number());
}

void define_repeats(CLI::App& command, PerfDeltaFlags& flags, const char* repeated) {
  PerfDeltaRequest& request = flags.request;
  command
      .add_option(
          "--order", flags.order,
          "abba (default): alternate which side runs first, shuffle scenarios; block: baseline always first")
      ->type_name("ORDER")
      ->group(repeated);
  command
      .add_option("--seed", request.plan.seed, "of the shuffles and of the first block's runs (default 1)")
      ->type_name("S")
      ->check(whole_number())
      ->group(repeated);
  command.add_flag("--resume", request.resume, "go on where an interrupted session of the same plan stopped")
      ->group(repeated);
  command
      .add_option("--confirm", request.confirm,
                  "then measure scenarios that look suspect M times more, judged alone")
      ->type_name("M")
      ->check(whole_number())
      ->group(repeated);
  command
      .add_flag("--sequential", request.sequential,
                "look after 3, 5, 7 and 10 runs and stop when the verdict is clear")
      ->group(repeated);
  command
      .add_flag("--reuse-baseline", request.reuse_baseline,
                "run HEAD only, against the baseline's runs of earlier sessions on this boot")
      ->group(repeated);
  command.add_flag("--deterministic", request.deterministic, "virtual time, run i of both sides with seed i")
      ->group(repeated);
  command.add_flag("--cold", request.cold, "boot every guest")->group(repeated);
}

void define_views(CLI::App& command, PerfDeltaFlags& flags, const char* repeated) {
  PerfDeltaRequest& request = flags.request;
  command
      .add_option("--noise-spread-threshold", request.noise_spread_percent,
                  "mark rows whose runs spread more than this (default 5); marks only")
      ->type_name("PCT")
      ->group(repeated);
  command.add_flag("--no-phases", request.phases.hidden, "leave the table of phases out")->group(repeated);
  command.add_flag("--phases-only", request.phases.only, "show the table of phases only")->group(repeated);
  command
      .add_flag("--steps-only", request.phases.selection.steps_only,
                "leave the phase before the first step out")
      ->group(repeated);
  command.add_option("--phase", flags.phase, "one phase, by its number")
      ->type_name("N")
      ->check(whole_number())
      ->group(repeated);
  command
      .add_option("--phase-threshold", flags.phase_percent,
                  "show phases whose metrics moved at least this much")
      ->type_name("PCT")
      ->group(repeated);
}

void define_options(CLI::App& command, PerfDeltaFlags& flags) {
  const char* repeated = "With --noise-adjust";
  define_sides(command, flags);
  define_judgement(command, flags);
  define_running(command, flags);
  define_repeats(command, flags, repeated);
  define_views(command, flags, repeated);
}

}  // namespace

Status apply_gate_flags(const std::vector<std::string>& flags, Config& config) {
  if (flags.empty()) return Ok{};
  std::vector<PluginChoice> gates;
  for (const std::string& flag : flags) {
    auto team = parse_gate_team(flag);
    if (!team) return team.error();
    for (PluginChoice& gate : team->gates) {
      gate.isolate = is_isolated(config.gates, gate.use) || is_isolated(config.cached_gates, gate.use);
    }
    std::move(team->gates.begin(), team->gates.end(), std::back_inserter(gates));
  }
  config.gates = config.cached_gates = std::move(gates);
  return Ok{};
}

void define_perf_delta(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<PerfDeltaFlags>();
  define_options(*command, *flags);
  add_report_flags(*command, flags->report);
  command->callback([flags, command, &chosen] {
    chosen = [flags, given = Given(*command)](Session& session) mutable {
      return with_application(
          session, flags->report, [&](Config& config, const AppContext& context) -> Result<ExitCode> {
            if (!flags->last) take_from_profile(config.defaults, given, *flags);
            if (const Status fine = check_combination(given); !fine) return fine.error();
            add_ci_reporters(config);
            if (flags->last) return show_last_report(context, flags->request.all_metrics);
            if (given("--noise-adjust")) {
              const auto needed = context.plugins.runner_needs_kernel(config.runner.use);
              if (!needed) return needed.error();
              flags->request.needs_kernel = *needed;
              if (const Status fine = check_repeats(*flags, config); !fine) return fine.error();
            }
            if (const Status read =
                    read_flags(given, session.environment(), config.metrics, config.store, *flags);
                !read)
              return read.error();
            if (const Status applied = apply_gate_flags(flags->gates, config); !applied)
              return applied.error();
            flags->request.least_sight =
                (given("--least-sight") ? flags->least_sight : config.least_sight) / 100;
            flags->request.kept_flags = given.kept() + kept_profile(session.flags());
            flags->request.bisect_flags = given.kept_for_bisect();
            flags->request.strict = flags->request.strict || config.strict;
            return run_perf_delta(context, flags->request);
          });
    };
  });
}

}  // namespace ktstr
