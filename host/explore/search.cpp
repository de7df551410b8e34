// SPDX-License-Identifier: Apache-2.0
#include "explore/search.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <thread>

#include "explore/behaviour.hpp"
#include "explore/invariants.hpp"
#include "explore/mutation.hpp"
#include "select/budget.hpp"

namespace ktstr {
namespace {

constexpr unsigned kAttempts = 8;           ///< at a scenario that the runner does not take for a mistake
constexpr std::size_t kBatchPerCore = 8;    ///< scenarios between two looks at the clock
constexpr std::size_t kMostSeedsKept = 20;  ///< of a finding
constexpr std::size_t kMostReasons = 5;
constexpr std::uint64_t kMostMoreChanges = 3;  ///< of what was varied already

Trial judged(const Subject& subject, const json::object& test, std::uint64_t seed) {
  return subject.trial(with_invariants(test, subject.bounds), "s" + std::to_string(seed));
}

bool passed(const TrialEnd& end) { return end.outcome == TestOutcome::kPassed; }
bool failed(const TrialEnd& end) { return end.outcome == TestOutcome::kFailed; }

std::uint64_t& count_of(const TrialEnd& end, ScenarioCounts& counts) {
  if (!end.outcome) return counts.refused;
  switch (*end.outcome) {
    case TestOutcome::kPassed: return counts.passed;
    case TestOutcome::kFailed: return counts.failed;
    case TestOutcome::kSkipped: return counts.skipped;
    case TestOutcome::kInconclusive: return counts.inconclusive;
    default: return counts.errors;
  }
}

}  // namespace

Search::Search(const AppContext& context, const ExploreRequest& request, const Bounds& bounds,
               std::set<std::string> dimensions, Trials trials, std::vector<Subject> subjects,
               std::filesystem::path directory, SearchState state, AgainstBase* against)
    : context_(context),
      request_(request),
      bounds_(bounds),
      dimensions_(std::move(dimensions)),
      trials_(std::move(trials)),
      subjects_(std::move(subjects)),
      directory_(std::move(directory)),
      state_(std::move(state)),
      against_(against),
      progress_(context.err_is_terminal, context.width),
      cores_(std::max(1U, request.jobs != 0 ? request.jobs : std::thread::hardware_concurrency())),
      begin_(std::chrono::steady_clock::now()) {
  KTSTR_ASSERT(!subjects_.empty());
}

Status Search::run(ExploreOutcome& outcome) {
  outcome.resumed = state_.seeds.count_in(request_.first, request_.last);
  Status ended = finish_findings();
  std::uint64_t next = request_.first;
  while (ended && next <= request_.last && !out_of_time()) {
    std::vector<std::uint64_t> seeds;
    const std::size_t most = std::max<std::size_t>(1, kBatchPerCore * cores_ / subjects_.size());
    for (; next <= request_.last && seeds.size() < most; ++next) {
      // What a generation leaves is what the next one begins with.
      if (request_.guided && !seeds.empty() && generation_begin(next) != generation_begin(seeds.front()))
        break;
      if (!state_.seeds.contains(next)) seeds.push_back(next);
    }
    if (!seeds.empty()) ended = search(seeds);
  }
  outcome.interrupted = !ended && ended.error().code == ExitCode::kInterrupted;
  outcome.seeds_asked = request_.last - request_.first + 1;
  outcome.seeds_done = state_.seeds.count_in(request_.first, request_.last);
  outcome.out_of_time = outcome.seeds_done < outcome.seeds_asked && !outcome.interrupted;
  outcome.now = now_;
  outcome.shrinking = shrinking_;
  outcome.seconds = seconds();
  outcome.state = state_;
  return outcome.interrupted ? Status(Ok{}) : ended;
}

void Search::tell_phase(std::uint64_t seed, const std::string& what) {
  std::string text = "seed " + std::to_string(seed) + " of " + std::to_string(request_.last) + what;
  if (!state_.findings.empty()) text += ", " + counted(state_.findings.size(), "finding", "findings");
  if (request_.budget_seconds)
    text += ", " + duration_text(std::max(0.0, *request_.budget_seconds - seconds())) + " left";
  progress_.phase(text);
}

/// Of the first attempt that the runner takes for a test; nothing: it takes none.
Result<std::optional<Search::Scenario>> Search::scenario_of(const Subject& subject, std::uint64_t seed,
                                                            const Corpus::Entry* parent, std::string& why) {
  const bool as_it_is = request_.as_they_are();
  for (unsigned attempt = 0; attempt < (as_it_is ? 1 : kAttempts); ++attempt) {
    json::object test = as_it_is ? subject.test
                                 : mutated(parent != nullptr ? parent->scenario : subject.test,
                                           subject.bounds, dimensions_, {subject.entry.name, seed, attempt},
                                           parent != nullptr ? kMostMoreChanges : kMostChanges);
    const auto known = trials_.look(judged(subject, test, seed), why);
    if (!known) return known.error();
    if (*known)
      return std::optional(Scenario{&subject, seed, std::move(test), (*known)->name,
                                    parent != nullptr ? std::optional(parent->seed) : std::nullopt});
  }
  return std::optional<Scenario>();
}

/// One batch. What an interruption cuts short has not been searched.
Status Search::search(const std::vector<std::uint64_t>& seeds) {
  tell_phase(seeds.front(), "");
  std::vector<Scenario> scenarios;
  std::vector<std::string> refused;
  std::vector<Trial> trials;
  for (const std::uint64_t seed : seeds) {
    for (const Subject& subject : subjects_) {
      if (context_.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
      std::string why;
      const Corpus::Entry* parent =
          request_.guided ? state_.corpus.parent_of(subject.entry.name, seed) : nullptr;
      auto scenario = scenario_of(subject, seed, parent, why);
      if (!scenario) return scenario.error();
      if (!*scenario) {
        refused.push_back(subject.entry.test + "-s" + std::to_string(seed) + ": refused: " + why);
        continue;
      }
      trials.push_back(judged(subject, (*scenario)->test, seed));
      trials.back().name = (*scenario)->name;
      scenarios.push_back(std::move(**scenario));
    }
  }
  const auto ends = trials_.run(trials, progress_, {.sidecars = true});
  if (!ends) return ends.error();
  Result<std::vector<TrialEnd>> base = std::vector<TrialEnd>();
  if (against_ != nullptr) base = trials_.run(trials, progress_, {.base = true});
  if (!base) return base.error();
  now_ += scenarios.size();
  state_.counts.refused += refused.size();
  for (const std::string& reason : refused) not_judged(reason);
  if (const Status seen = take_in_behaviours(scenarios, *ends); !seen) return seen;
  auto fresh = take_in(scenarios, *ends, *base);
  if (against_ != nullptr) {
    if (const Status looked = take_in_worse(scenarios, *ends, *base, fresh); !looked) return looked;
  }
  for (const std::uint64_t seed : seeds) state_.seeds.add(seed);
  for (const auto& [finding, scenario] : fresh) {
    const Scenario& shown = scenarios[scenario];
    if (const Status kept = write(state_.findings[finding], *shown.subject, shown.test, {}); !kept)
      return kept;
  }
  if (const Status saved = save_state(directory_, state_); !saved) return saved;
  for (const auto& [finding, scenario] : fresh) {
    if (const Status kept = make_small(state_.findings[finding], scenarios[scenario]); !kept) return kept;
  }
  return Ok{};
}

Search::Fresh Search::take_in(const std::vector<Scenario>& scenarios, const std::vector<TrialEnd>& ends,
                              const std::vector<TrialEnd>& base) {
  KTSTR_ASSERT(ends.size() == scenarios.size() && (base.empty() || base.size() == ends.size()));
  Fresh fresh;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const std::string name = scenarios[i].subject->entry.test + "-s" + std::to_string(scenarios[i].seed);
    ++count_of(ends[i], state_.counts);
    if (!passed(ends[i]) && !failed(ends[i])) {
      not_judged(name + ": " + std::string(kit::first_line_of(ends[i].message)));
    } else if (!base.empty() && !passed(base[i]) && !failed(base[i])) {
      not_judged(name + ": the baseline: " + std::string(kit::first_line_of(base[i].message)));
    } else if (failed(ends[i]) && !base.empty() && failed(base[i])) {
      ++state_.counts.as_before;
    } else if (failed(ends[i])) {
      if (const auto added = add_failure(scenarios[i], ends[i].message)) fresh.emplace_back(*added, i);
    }
  }
  return fresh;
}

/// Only of those that pass: what is varied further is not to fail as it did before.
Status Search::take_in_behaviours(const std::vector<Scenario>& scenarios, const std::vector<TrialEnd>& ends) {
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    if (!passed(ends[i])) continue;
    const auto seen = behaviours_of(ends[i].sidecar, context_.config.metrics);
    if (!seen) return seen.error();
    state_.corpus.take_in({scenarios[i].subject->entry.name, scenarios[i].seed, scenarios[i].test}, *seen,
                          request_.guided);
  }
  return Ok{};
}

void Search::not_judged(const std::string& reason) {
  if (state_.reasons.size() < kMostReasons) state_.reasons.push_back(printable(reason));
}

void Search::add_again(Discovery& finding, std::uint64_t seed) {
  ++finding.count;
  if (finding.seeds.size() < kMostSeedsKept) finding.seeds.push_back(seed);
}

/// The index of a finding that is new.
std::optional<std::size_t> Search::add_failure(const Scenario& scenario, const std::string& message) {
  const std::string kind = printable(failure_kind(message, scenario.test, bounds_));
  const std::string& test = scenario.subject->entry.name;
  for (Discovery& known : state_.findings) {
    if (known.test != test || known.kind != kind) continue;
    add_again(known, scenario.seed);
    return std::nullopt;
  }
  return add_finding(scenario, kind, message);
}

std::size_t Search::add_finding(const Scenario& scenario, const std::string& kind,
                                const std::string& message) {
  Discovery finding;
  finding.test = scenario.subject->entry.name;
  finding.kind = kind;
  finding.seed = scenario.seed;
  finding.from = scenario.from;
  finding.count = 1;
  finding.seeds = {scenario.seed};
  finding.message = printable(kit::first_line_of(message));
  finding.bytes_before = to_text(scenario.test, 0).size();
  state_.findings.push_back(std::move(finding));
  return state_.findings.size() - 1;
}

}  // namespace ktstr
