// SPDX-License-Identifier: Apache-2.0
//
// What a comparison of a commit with itself says about noise. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compare/pairing.hpp"

namespace ktstr {

/// Smallest change, in standard deviations of single runs, that `n` runs a side show with 80 % power at 5 %
/// one-sided: noncentral t with 2n - 2 degrees of freedom.
double detectable_deviations(std::uint64_t n);

/// One metric of one scenario.
struct MetricNoise {
  ScenarioKey scenario;
  std::string metric;
  double log_sd = 0;                         ///< NaN when it cannot be told: a value that is not positive
  double rel_gate = 0;                       ///< its own
  double detectable(std::uint64_t n) const;  ///< relative change that n runs a side would show
  /// Relative gate that two single runs of one commit pass in about 1 of 700 comparisons: three deviations of
  /// their difference.
  double stored_gate() const;
};

std::vector<MetricNoise> noise_of(const ComparisonSet& set);

/// Runs a side, out of 3, 5, 7, 10, 15 and 20, at which nine in ten metrics would show a change of their own
/// gate's size; 0: not even 20.
std::uint64_t recommended_runs(const std::vector<MetricNoise>& noise);

/// Percent gates for stored comparisons of metrics whose own gate is below their noise: the largest over
/// scenarios, rounded up.
std::map<std::string, double> recommended_percent(const std::vector<MetricNoise>& noise);

/// Every way to call one side of each pair the baseline, up to `most` of them: bit i set, block i is turned
/// round. 2^n when that is not more than `most`, else `most` drawn from `seed`.
std::vector<std::vector<bool>> sign_flips(std::uint64_t blocks, std::size_t most, std::uint64_t seed);

}  // namespace ktstr
