// SPDX-License-Identifier: Apache-2.0
//
// The tests that fit into a time and cover most. Pure and deterministic.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

struct BudgetCandidate {
  double seconds = 0;  ///< that it is expected to take
  /// What running it would cover: "scheduler mine", "2 NUMA nodes", … Each counts once.
  std::vector<std::string> features;
};

struct BudgetChoice {
  std::vector<bool> chosen;               ///< one entry a candidate
  double seconds = 0;                     ///< of the chosen ones
  std::size_t covered = 0, features = 0;  ///< distinct ones of the chosen, and of all
};

/// Takes the one with the most features that nothing else has covered, for its time, until none fits; then
/// those without new features, the shortest first. Ties go to the first.
BudgetChoice choose_within(double budget_seconds, const std::vector<BudgetCandidate>& candidates);

/// What a topology ("2n4l2c1t") is like: its class, how many CPUs, whether cores have threads. Empty for one
/// that cannot be read.
std::vector<std::string> features_of_topology(std::string_view topology);
/// CPUs of a topology; nothing for one that cannot be read.
std::optional<unsigned> cpus_of_topology(std::string_view topology);

/// "90", "90s", "5m", "2h", "1h30m": seconds. At least 1 and at most 30 days.
Result<double> parse_duration(std::string_view text, const std::string& what);
/// "4 min 40 s".
std::string duration_text(double seconds);

}  // namespace ktstr
