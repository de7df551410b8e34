// SPDX-License-Identifier: Apache-2.0
#include "explore/explore.hpp"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/text.hpp>
#include <set>
#include <thread>

#include "config/runs_place.hpp"
#include "explore/invariants.hpp"
#include "explore/mutation.hpp"
#include "explore/search_end.hpp"
#include "explore/shrink.hpp"
#include "explore/subject.hpp"
#include "measure/run_inputs.hpp"
#include "plan/run_plan.hpp"
#include "select/budget.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr unsigned kAttempts = 8;           ///< at a scenario that the runner does not take for a mistake
constexpr std::size_t kBatchPerCore = 4;    ///< scenarios between two looks at the clock
constexpr std::size_t kMostSeedsKept = 20;  ///< of a finding
constexpr std::size_t kMostReasons = 5;
constexpr const char* kFormat = "explore 1";  ///< another one when seeds give other scenarios

std::string file_word(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 60)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "test" : out;
}

/// One scenario on its way.
struct Scenario {
  const Subject* subject = nullptr;
  std::uint64_t seed = 0;
  json::object test;  ///< without invariants
};

class Search {
 public:
  Search(const AppContext& context, const ExploreRequest& request, std::vector<Subject> subjects,
         const Bounds& bounds, std::set<std::string> dimensions, Trials trials, fs::path directory,
         SearchState state)
      : context_(context),
        request_(request),
        subjects_(std::move(subjects)),
        bounds_(bounds),
        dimensions_(std::move(dimensions)),
        trials_(std::move(trials)),
        directory_(std::move(directory)),
        state_(std::move(state)),
        progress_(context.err_is_terminal, context.width),
        cores_(std::max(1U, request.jobs != 0 ? request.jobs : std::thread::hardware_concurrency())),
        begin_(Clock::now()) {}

  Status run(ExploreOutcome& outcome) {
    outcome.resumed = state_.seeds.count_in(request_.first, request_.last);
    Status ended = Ok{};
    std::uint64_t next = request_.first;
    while (ended && next <= request_.last && !out_of_time()) {
      std::vector<std::uint64_t> seeds;
      const std::size_t most = std::max<std::size_t>(1, kBatchPerCore * cores_ / subjects_.size());
      for (; next <= request_.last && seeds.size() < most; ++next) {
        if (!state_.seeds.contains(next)) seeds.push_back(next);
      }
      if (!seeds.empty()) ended = search(seeds);
    }
    outcome.interrupted = !ended && ended.error().code == ExitCode::kInterrupted;
    outcome.out_of_time = next <= request_.last && !outcome.interrupted;
    outcome.seeds_asked = request_.last - request_.first + 1;
    outcome.seeds_done = state_.seeds.count_in(request_.first, request_.last);
    outcome.now = now_;
    outcome.shrinking = shrinking_;
    outcome.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    outcome.state = state_;
    return outcome.interrupted ? Status(Ok{}) : ended;
  }

 private:
  bool out_of_time() const {
    return request_.budget_seconds &&
           std::chrono::duration<double>(Clock::now() - begin_).count() >= *request_.budget_seconds;
  }

  void tell_phase(std::uint64_t seed, const std::string& what) {
    std::string text = "seed " + std::to_string(seed) + " of " + std::to_string(request_.last) + what;
    if (!state_.findings.empty()) text += ", " + counted(state_.findings.size(), "finding", "findings");
    if (request_.budget_seconds) {
      const double left =
          *request_.budget_seconds - std::chrono::duration<double>(Clock::now() - begin_).count();
      text += ", " + duration_text(std::max(0.0, left)) + " left";
    }
    progress_.phase(text);
  }

  /// The scenarios of these seeds, each of the first attempt that the runner takes for a test.
  Status make(const std::vector<std::uint64_t>& seeds, std::vector<Scenario>& scenarios,
              ScenarioCounts& counts, std::vector<std::string>& reasons) {
    for (const std::uint64_t seed : seeds) {
      for (const Subject& subject : subjects_) {
        std::string why;
        bool made = false;
        for (unsigned attempt = 0; attempt < kAttempts && !made; ++attempt) {
          json::object test =
              mutated(subject.test, subject.bounds, dimensions_, {subject.entry.name, seed, attempt});
          const auto known = trials_.look(judged(subject, test, seed), why);
          if (!known) return known.error();
          made = known->has_value();
          if (made) scenarios.push_back({&subject, seed, std::move(test)});
        }
        if (made) continue;
        ++counts.refused;
        reasons.push_back(printable(subject.entry.name) + ", seed " + std::to_string(seed) +
                          ", refused: " + why);
      }
    }
    return Ok{};
  }

  static Trial judged(const Subject& subject, const json::object& test, std::uint64_t seed) {
    return subject.trial(with_invariants(test, subject.bounds), "s" + std::to_string(seed));
  }

  /// One batch. What an interruption cuts short has not been searched.
  Status search(const std::vector<std::uint64_t>& seeds) {
    tell_phase(seeds.front(), "");
    std::vector<Scenario> scenarios;
    ScenarioCounts counts = state_.counts;
    std::vector<std::string> reasons;
    if (const Status made = make(seeds, scenarios, counts, reasons); !made) return made;
    std::vector<Trial> trials;
    for (const Scenario& scenario : scenarios)
      trials.push_back(judged(*scenario.subject, scenario.test, scenario.seed));
    const auto ends = trials_.run(trials, progress_);
    if (!ends) return ends.error();
    KTSTR_ASSERT(ends->size() == scenarios.size());
    now_ += scenarios.size();
    std::vector<std::pair<std::size_t, std::size_t>> fresh;  // findings and their scenarios
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      const TrialEnd& end = (*ends)[i];
      count(end, counts);
      if (end.outcome == TestOutcome::kFailed) {
        if (const auto added = add_failure(scenarios[i], end.message)) fresh.emplace_back(*added, i);
      } else if (end.outcome != TestOutcome::kPassed) {
        reasons.push_back(printable(trials[i].test) + ": " + printable(kit::first_line_of(end.message)));
      }
    }
    state_.counts = counts;
    for (const std::string& reason : reasons) {
      if (state_.reasons.size() < kMostReasons) state_.reasons.push_back(reason);
    }
    for (const std::uint64_t seed : seeds) state_.seeds.add(seed);
    for (const auto& [finding, scenario] : fresh) {
      if (const Status kept = keep(state_.findings[finding], scenarios[scenario]); !kept) return kept;
    }
    return save_state(directory_, state_);
  }

  static void count(const TrialEnd& end, ScenarioCounts& counts) {
    if (!end.outcome) {
      ++counts.refused;
    } else {
      switch (*end.outcome) {
        case TestOutcome::kPassed: ++counts.passed; return;
        case TestOutcome::kFailed: ++counts.failed; return;
        case TestOutcome::kSkipped: ++counts.skipped; return;
        case TestOutcome::kInconclusive: ++counts.inconclusive; return;
        default: ++counts.errors; return;
      }
    }
  }

  /// The index of a finding that is new.
  std::optional<std::size_t> add_failure(const Scenario& scenario, const std::string& message) {
    const std::string kind = failure_kind(message, scenario.test, bounds_);
    const std::string& test = scenario.subject->entry.name;
    for (Finding& known : state_.findings) {
      if (known.test != test || known.kind != kind) continue;
      ++known.count;
      if (known.seeds.size() < kMostSeedsKept) known.seeds.push_back(scenario.seed);
      return std::nullopt;
    }
    Finding finding;
    finding.test = test;
    finding.kind = kind;
    finding.seed = scenario.seed;
    finding.count = 1;
    finding.seeds = {scenario.seed};
    finding.message = printable(kit::first_line_of(message));
    finding.bytes_before = to_text(scenario.test, 0).size();
    state_.findings.push_back(std::move(finding));
    return state_.findings.size() - 1;
  }

  /// Saves a new finding, then makes it smaller and saves it again.
  Status keep(Finding& finding, const Scenario& scenario) {
    const Subject& subject = *scenario.subject;
    progress_.around([&] {
      context_.inform(printable(finding.test) + ", seed " + std::to_string(finding.seed) + ": " +
                      finding.message + " (" + printable(finding.kind) + ")");
    });
    finding.file =
        shown_path(directory_ / (file_word(finding.test) + "-" + file_word(finding.kind) + ".json"));
    if (const Status saved = write(finding, subject, scenario.test, {}); !saved) return saved;
    if (!request_.shrink) return save_state(directory_, state_);
    if (const Status saved = save_state(directory_, state_); !saved) return saved;
    std::string message;
    std::size_t round = 0;
    std::optional<std::string> only;
    const StillFails still_fails =
        [&](const std::vector<json::object>& tests) -> Result<std::optional<std::size_t>> {
      tell_phase(finding.seed, ", shrinking " + printable(finding.test));
      std::vector<Trial> trials;
      for (std::size_t i = 0; i < tests.size(); ++i)
        trials.push_back(subject.trial(with_invariants(tests[i], subject.bounds, only),
                                       "s" + std::to_string(finding.seed) + "-" + std::to_string(round++)));
      const auto ends = trials_.run(trials, progress_);
      if (!ends) return ends.error();
      for (std::size_t i = 0; i < ends->size(); ++i) {
        const TrialEnd& end = (*ends)[i];
        if (end.outcome) ++shrinking_;
        if (end.outcome != TestOutcome::kFailed ||
            failure_kind(end.message, tests[i], bounds_) != finding.kind)
          continue;
        message = printable(kit::first_line_of(end.message));
        return std::optional(i);
      }
      return std::optional<std::size_t>();
    };
    // Its own invariant alone, where it is one.
    const bool known = std::any_of(subject.bounds.invariants.begin(), subject.bounds.invariants.end(),
                                   [&](const Invariant& one) { return one.name == finding.kind; });
    if (known) only = finding.kind;
    const auto alone = still_fails({scenario.test});
    if (!alone) return alone.error();
    if (!*alone) only.reset();  // the others were part of it
    auto shrunk =
        shrink(scenario.test, subject.bounds, cores_, still_fails, [this] { return out_of_time(); });
    if (!shrunk) return shrunk.error();
    finding.tried = shrunk->tried;
    finding.minimal = shrunk->minimal;
    if (!message.empty()) finding.message = message;
    return write(finding, subject, shrunk->test, only);
  }

  std::string shown_path(const fs::path& file) const {
    const fs::path below = file.lexically_relative(context_.config.project_dir);
    return below.empty() || below.begin()->string() == ".." ? file.string() : below.string();
  }

  Status write(Finding& finding, const Subject& subject, const json::object& test,
               const std::optional<std::string>& only) {
    const Trial trial =
        subject.trial(with_invariants(test, subject.bounds, only), "s" + std::to_string(finding.seed));
    finding.bytes = to_text(test, 0).size();
    return write_file_atomically(context_.config.project_dir / finding.file, to_text(trial.manifest) + "\n");
  }

  const AppContext& context_;
  const ExploreRequest& request_;
  std::vector<Subject> subjects_;
  const Bounds& bounds_;
  std::set<std::string> dimensions_;
  Trials trials_;
  fs::path directory_;
  SearchState state_;
  Progress progress_;
  unsigned cores_;
  Clock::time_point begin_;
  std::uint64_t now_ = 0, shrinking_ = 0;
};

Result<Bounds> bounds_of(const AppContext& context) {
  const auto text = context.plugins.runner_bounds(context.config.runner.use);
  if (!text) return text.error();
  if (text->empty())
    return usage_error(
        "the runner " + printable(context.config.runner.use) + " does not say what of its tests may vary",
        "its plugin's manifest would have to: docs/explore.md");
  return read_document(*text, "bounds of the runner " + printable(context.config.runner.use), {},
                       ExitCode::kPlugin, read_bounds);
}

Result<std::set<std::string>> dimensions_of(const ExploreRequest& request, const Bounds& bounds) {
  const std::vector<std::string> known = bounds.dimensions();
  std::set<std::string> wanted(request.vary.begin(), request.vary.end());
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return usage_error("--vary: nothing is called \"" + printable(name) + "\"" + suggestion(name, known),
                         "this runner's tests vary in " + join(known, ", "));
  }
  if (wanted.empty()) wanted.insert(known.begin(), known.end());
  return wanted;
}

/// What the project is, and what is to be run of it.
struct Prepared {
  std::unique_ptr<RunnerPort> runner;
  Kernel kernel;
  Tree tree;
  std::vector<TestEntry> all, tests;
};

Result<Prepared> prepare(const AppContext& context, const ExploreRequest& request) {
  Prepared prepared;
  auto runner = context.plugins.make_runner(context.config.runner.use,
                                            creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  prepared.runner = std::move(*runner);
  auto tests = discover_tests(context, *prepared.runner, context.config.project_dir);
  if (!tests) return tests.error();
  prepared.all = std::move(*tests);
  auto selected = select_tests(prepared.all, request.selection);
  if (!selected) return selected.error();
  prepared.tests = std::move(*selected);
  auto kernel = resolve_kernel(context, request.kernel);
  if (!kernel) return kernel.error();
  prepared.kernel = std::move(*kernel);
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  if (auto tree = (*baseline)->describe(context.config.project_dir.string()))
    prepared.tree = std::move(*tree);
  return prepared;
}

/// Where this search keeps what it finds: another place for other inputs. Empty: nobody can tell what the
/// inputs are.
Result<std::string> identity_of(const AppContext& context, const ExploreRequest& request,
                                const Prepared& prepared, const std::set<std::string>& dimensions) {
  const auto inputs = run_inputs(context, prepared.kernel, prepared.tree, prepared.all);
  if (!inputs || inputs->empty()) return inputs;
  const auto bounds = context.plugins.runner_bounds(context.config.runner.use);
  if (!bounds) return bounds.error();
  std::vector<std::string> parts{kFormat, *inputs, *bounds, std::to_string(request.seed)};
  parts.insert(parts.end(), dimensions.begin(), dimensions.end());
  for (const TestEntry& test : prepared.tests) parts.push_back("test " + test.name);
  return plan_identity(parts);
}

}  // namespace

Result<ExploreOutcome> run_explore(const AppContext& context, const ExploreRequest& request) {
  const auto bounds = bounds_of(context);
  if (!bounds) return bounds.error();
  auto dimensions = dimensions_of(request, *bounds);
  if (!dimensions) return dimensions.error();
  const auto prepared = prepare(context, request);
  if (!prepared) return prepared.error();
  const auto identity = identity_of(context, request, *prepared, *dimensions);
  if (!identity) return identity.error();
  auto trials = Trials::make(context, *prepared->runner, prepared->kernel, request.seed, request.jobs);
  if (!trials) return trials.error();
  std::vector<Subject> subjects;
  for (const TestEntry& test : prepared->tests) {
    auto subject = subject_of(*trials, test, *bounds);
    if (!subject) return subject.error();
    subjects.push_back(std::move(*subject));
  }
  const fs::path root = request.output.empty()
                            ? runs_root(context.config, context.environment).parent_path() / "explore"
                            : fs::path(context.environment.cwd) / request.output;
  const fs::path directory = (root / (identity->empty() ? "unknown" : *identity)).lexically_normal();
  if (const Status made = make_directories(directory); !made) return made.error();
  const auto lock = kit::HeldLock::try_take(directory / ".lock", O_RDWR | O_CREAT | O_CLOEXEC);
  if (!lock)
    return environment_error(printable(directory.string()) + " is being searched by somebody else",
                             "wait for it, or name another place with --output");
  auto state =
      request.fresh || identity->empty() ? Result<SearchState>(SearchState{}) : load_state(directory);
  if (!state) return state.error();
  const fs::path& project = context.config.project_dir;
  if (const Status built =
          build_project(context, prepared->kernel, {project, "", "cd " + project.string(), "", {}, {}});
      !built)
    return built.error();
  ExploreOutcome outcome;
  outcome.kernel = prepared->kernel.id();
  for (const TestEntry& test : prepared->tests) outcome.tests.push_back(test.name);
  outcome.dimensions.assign(dimensions->begin(), dimensions->end());
  outcome.directory = directory.string();
  outcome.replay = "--deterministic --seed " + std::to_string(request.seed) +
                   (request.kernel.empty() ? "" : " --kernel " + shell_word(request.kernel));
  Search search(context, request, std::move(subjects), *bounds, std::move(*dimensions), std::move(*trials),
                directory, std::move(*state));
  if (const Status ran = search.run(outcome); !ran) return ran.error();
  conclude(outcome);
  return outcome;
}

}  // namespace ktstr
