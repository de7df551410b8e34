// SPDX-License-Identifier: Apache-2.0
//
// Variances borrow strength: a variance of three values is hardly known, but what it is likely to be is known
// from the metric's own past or from the other metrics of the call.
#pragma once
#include <span>

namespace ktstr::fdr {

/// A variance with the weight, in degrees of freedom, that it deserves.
struct Variance {
  double value, df;
};

/// The distribution that variances come from, by moments of their logarithms: the scaled inverse chi-squared
/// of G. K. Smyth, "Linear models and empirical Bayes methods", SAGMB 3 (2004). df is infinite when they
/// differ no more than chance makes them; value is NaN when fewer than 2 are positive and have degrees of
/// freedom.
Variance prior_of(std::span<const Variance> variances);

/// The weighted mean of both; own with no degrees of freedom is the prior. A prior of infinite weight is the
/// result.
Variance shrink(const Variance& own, const Variance& prior);

/// y with trigamma(y) = x, x > 0.
double inverse_trigamma(double x);

}  // namespace ktstr::fdr
