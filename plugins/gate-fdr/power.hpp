// SPDX-License-Identifier: Apache-2.0
//
// What a test could have seen.
#pragma once
#include <map>
#include <utility>

namespace ktstr::fdr {

inline constexpr double kPower = 0.8;

/// The true shift, in standard errors, that a one-sided t test at level `alpha` shows with 80 % power: the
/// noncentrality of the noncentral t distribution whose share above the critical value is 0.8. NaN unless df
/// > 0 and 0 < alpha < 0.8.
double detectable_shift(double df, double alpha);

/// Remembers: comparisons of a call share few degrees of freedom and levels, and solving takes long.
class DetectableShifts {
 public:
  double operator()(double df, double alpha);

 private:
  std::map<std::pair<double, double>, double> known_;
};

}  // namespace ktstr::fdr
