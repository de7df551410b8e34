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

#include "explore/explore.hpp"
#include "explore/shrink.hpp"
#include "explore/subject.hpp"

namespace ktstr {

class Search {
 public:
  Search(const AppContext& context, const ExploreRequest& request, const Bounds& bounds,
         std::set<std::string> dimensions, Trials trials, std::vector<Subject> subjects,
         std::filesystem::path directory, SearchState state);

  /// Until the seeds or the time are over, or somebody interrupts it.
  Status run(ExploreOutcome& outcome);

 private:
  struct Scenario {
    const Subject* subject = nullptr;
    std::uint64_t seed = 0;
    json::object test;  ///< without invariants
  };

  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  bool out_of_time() const { return request_.budget_seconds && seconds() >= *request_.budget_seconds; }
  void tell_phase(std::uint64_t seed, const std::string& what);

  Result<std::optional<Scenario>> scenario_of(const Subject& subject, std::uint64_t seed, std::string& why);
  Status search(const std::vector<std::uint64_t>& seeds);
  /// What the batch's ends say. Findings that are new, with their scenarios.
  std::vector<std::pair<std::size_t, std::size_t>> take_in(const std::vector<Scenario>& scenarios,
                                                           const std::vector<TrialEnd>& ends);
  std::optional<std::size_t> add_failure(const Scenario& scenario, const std::string& message);
  void not_judged(const std::string& reason);

  /// Those that an earlier call could not make small.
  Status finish_findings();
  Status make_small(Finding& finding, const Scenario& scenario);
  /// The index of the first that fails as the finding does, judged by all invariants or by its own alone.
  Result<std::optional<std::size_t>> still_fails(Finding& finding, const Subject& subject,
                                                 const std::vector<json::object>& tests,
                                                 const std::optional<std::string>& only);
  Status write(Finding& finding, const Subject& subject, const json::object& test,
               const std::optional<std::string>& only);

  const AppContext& context_;
  const ExploreRequest& request_;
  const Bounds& bounds_;
  std::set<std::string> dimensions_;
  Trials trials_;
  std::vector<Subject> subjects_;
  std::filesystem::path directory_;
  SearchState state_;
  Progress progress_;
  unsigned cores_;
  std::chrono::steady_clock::time_point begin_;
  std::uint64_t now_ = 0, shrinking_ = 0;
};

}  // namespace ktstr
