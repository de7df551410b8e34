// SPDX-License-Identifier: Apache-2.0
//
// The loop of `ktstr explore`: batches of scenarios, what failed kept and made small, how far it came saved.
#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "explore/against_base.hpp"
#include "explore/explore.hpp"
#include "explore/shrink.hpp"
#include "explore/subject.hpp"

namespace ktstr {

class Search {
 public:
  Search(const AppContext& context, const ExploreRequest& request, const Bounds& bounds,
         std::set<std::string> dimensions, Trials trials, std::vector<Subject> subjects,
         std::filesystem::path directory, SearchState state, AgainstBase* against);

  /// Until the seeds or the time are over, or somebody interrupts it.
  Status run(ExploreOutcome& outcome);

 private:
  struct Scenario {
    const Subject* subject = nullptr;
    std::uint64_t seed = 0;
    json::object test;                    ///< without invariants
    std::string name{};                   ///< that the runner gave it
    std::optional<std::uint64_t> from{};  ///< seed of the scenario that it was varied from
  };
  /// What passed on both sides, and looks worse on HEAD.
  struct Suspect {
    std::size_t scenario;
    std::vector<WorseMetric> metrics;
  };

  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  bool out_of_time() const { return request_.budget_seconds && seconds() >= *request_.budget_seconds; }
  void tell_phase(std::uint64_t seed, const std::string& what);

  /// The scenario of a seed, varied from the test or from `parent`.
  Result<std::optional<Scenario>> scenario_of(const Subject& subject, std::uint64_t seed,
                                              const Corpus::Entry* parent, std::string& why);
  Status search(const std::vector<std::uint64_t>& seeds);
  /// Of a finding and the scenario that showed it, in their lists.
  using Fresh = std::vector<std::pair<std::size_t, std::size_t>>;
  /// What the batch's ends say; `base`: likewise, empty without a baseline. Findings that are new.
  Fresh take_in(const std::vector<Scenario>& scenarios, const std::vector<TrialEnd>& ends,
                const std::vector<TrialEnd>& base);
  /// What the scenarios made the scheduler do.
  Status take_in_behaviours(const std::vector<Scenario>& scenarios, const std::vector<TrialEnd>& ends);
  /// Adds those in which HEAD passes and is worse.
  Status take_in_worse(const std::vector<Scenario>& scenarios, const std::vector<TrialEnd>& ends,
                       const std::vector<TrialEnd>& base, Fresh& fresh);
  /// The metrics in which HEAD is worse with other seeds of the guests, too; each look has seeds of its own.
  Result<std::vector<WorseMetric>> confirmed(const Subject& subject, const json::object& test,
                                             std::uint64_t looks);
  std::optional<std::size_t> add_failure(const Scenario& scenario, const std::string& message);
  static void add_again(Discovery& finding, std::uint64_t seed);
  std::size_t add_finding(const Scenario& scenario, const std::string& kind, const std::string& message);
  void not_judged(const std::string& reason);

  /// Those that an earlier call could not make small.
  Status finish_findings();
  Status make_small(Discovery& finding, const Scenario& scenario);
  /// The invariant alone by which it can be judged; nothing: it takes all of them.
  Result<std::optional<std::string>> own_invariant(Discovery& finding, const Scenario& scenario);
  /// What each of them, as it is, says that shows the finding; empty: it does not show it. `on_head`:
  /// whatever the baseline does.
  Result<std::vector<std::string>> shown_by(const Discovery& finding, const Subject& subject,
                                            const std::vector<json::object>& tests, bool on_head = false);
  Status find_moment_of(Discovery& finding, const Subject& subject, const json::object& test,
                        const std::optional<std::string>& only);
  Status write(Discovery& finding, const Subject& subject, const json::object& test,
               const std::optional<std::string>& only);

  const AppContext& context_;
  const ExploreRequest& request_;
  const Bounds& bounds_;
  std::set<std::string> dimensions_;
  Trials trials_;
  std::vector<Subject> subjects_;
  std::filesystem::path directory_;
  SearchState state_;
  AgainstBase* against_;  ///< null without a baseline
  Progress progress_;
  unsigned cores_;
  std::chrono::steady_clock::time_point begin_;
  std::uint64_t now_ = 0, shrinking_ = 0;
};

}  // namespace ktstr
