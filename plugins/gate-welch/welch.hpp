// SPDX-License-Identifier: Apache-2.0
//
// Welch's unequal-variances t test (B. L. Welch, Biometrika 34, 1947; degrees of freedom after Satterthwaite,
// Biometrics 2, 1946). Everything here is scale-free: values are divided by a power of two that both sides
// share, so that neither squares of huge numbers overflow nor those of tiny ones vanish.
#pragma once
#include <cstdint>
#include <span>

namespace ktstr::welch {

/// The exponent e for which |value| / 2^e < 1 holds for all values of both sides; 0 when all are 0. Values
/// are finite.
int common_exponent(std::span<const double> a, std::span<const double> b);

/// One side, in units of 2^exponent.
struct Summary {
  std::uint64_t n = 0;
  double mean = 0, min = 0, max = 0;
  double deviation =
      0;  ///< standard deviation of the sample, n - 1 in the denominator; 0 exactly when all values are equal
};

Summary summarise(std::span<const double> values, int exponent);

struct WelchTest {
  bool possible = false;  ///< two values a side and some spread; the numbers below are NaN otherwise
  double t, df;
  double p;  ///< two-sided
  double error_a, error_b,
      error;  ///< standard errors of the means and of their difference, in units of 2^exponent
};

/// t has the sign of mean(a) - mean(b). Both summaries have the same exponent.
WelchTest test(const Summary& a, const Summary& b);

struct Interval {
  double low, high;
};

/// 95 % interval of mean(a) / mean(b) by Fieller's theorem with the test's degrees of freedom: it leaves 1
/// out exactly when the test's p is below 0.05. NaN when the interval has no ends (mean(b) is not clearly
/// different from 0) or a mean is not positive.
Interval ratio_interval(const Summary& a, const Summary& b, const WelchTest& test);

/// Smallest |difference of means| that a test with this standard error shows with 80 % power at level
/// `alpha`, in units of 2^exponent; NaN without a test. The usual sum of two quantiles: at level 0.05 it
/// falls short of the noncentral t by 5 % at two values a side and by about 1 % or less from three.
double detectable_difference(const WelchTest& test, double alpha);

}  // namespace ktstr::welch
