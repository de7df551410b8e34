// SPDX-License-Identifier: Apache-2.0
//
// What changed together with a finding: the other statistics of its scenario, so that a cause is in sight.
// They judge nothing.
#pragma once
#include <vector>

#include "delta/rows_by_scenario.hpp"

namespace ktstr {

inline constexpr std::size_t kMostCompanions = 5;

struct Companion {
  const MetricComparison* comparison;
  double relative;    ///< of the estimates; infinite from a baseline of 0
  double deviations;  ///< its logarithm in standard deviations of single runs; NaN: nobody knows the noise
};

/// At most `kMostCompanions` of the same scenario, phase and, for one cgroup's finding, of that cgroup or the
/// whole run; one of each family, none of the finding's own and none that is a finding itself, which has its
/// own row. A change below half of its metric's own gate or within two standard deviations is none. First
/// what exceeds its gate most, then by name.
std::vector<Companion> companions_of(const JudgedRow& finding, const RowsByScenario& rows);

}  // namespace ktstr
