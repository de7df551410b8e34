// SPDX-License-Identifier: Apache-2.0
//
// What earlier sessions know of each metric's noise: variances of natural logarithms, pooled. Pure.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compare/pairing.hpp"

namespace ktstr {

/// Between sessions of one commit: how much a metric's mean moves although nothing changed.
struct SessionSpread {
  double log_variance = 0;  ///< of the session means, less what the runs within them explain
  double df = 0;            ///< sessions - 1, summed over commits
};

class NoiseHistory {
 public:
  /// Only runs of a plan count, and only those that passed; what was read from no session's
  /// place is told apart by its plan. Values that are not positive are left out with their side.
  explicit NoiseHistory(const std::vector<SidecarRecord>& records);

  /// NaN and 0 where nothing is known. Kernels are not told apart: noise is the machine's and the workload's.
  ktstr_history of(const ScenarioKey& scenario, std::string_view metric) const;
  SessionSpread between_sessions(const ScenarioKey& scenario, std::string_view metric) const;

 private:
  struct Noise {
    double within = 0, within_df = 0, paired = 0, paired_df = 0;
    std::uint64_t sessions = 0;
    SessionSpread between;
  };
  struct Session;
  using ByMetric = std::map<std::string, std::map<std::string, Session>>;  ///< then by plan
  static void add_run(const SidecarRecord& record, ByMetric& by_metric);
  static Noise noise_of(const std::map<std::string, Session>& by_plan);

  std::map<std::pair<ScenarioKey, std::string>, Noise> noise_;
};

/// Whether a change between two sessions is no larger than sessions differ anyway: the spread between them,
/// twice, is added to the error of both means, and Student's t at 5 %, two-sided, has the spread's degrees of
/// freedom. True also when it cannot be told.
bool explained_by_sessions(const ktstr_comparison& comparison, const SessionSpread& spread);

}  // namespace ktstr
