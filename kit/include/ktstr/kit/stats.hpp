// SPDX-License-Identifier: Apache-2.0
//
// The statistics that more than one part of ktstr needs. Pure functions: nothing here throws, and what has no
// answer is NaN.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ktstr::kit {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The sum of the n-th parts, which no values overflow; equal values have exactly themselves as mean. NaN of
/// nothing.
double mean(std::span<const double> values);

/// The middle value, or the mean of the middle two. NaN of nothing.
double median(std::vector<double> values);
/// The middle value, or the upper one of the middle two: always one of the values. NaN of nothing.
double upper_median(std::vector<double> values);

/// (to - from) / |from|: 0 between equals, and infinite with the sign of `to` from 0.
double relative_change(double from, double to);

/// P(Z > z) of a standard normal Z.
double normal_tail(double z);

/// P(the ranges of n and m values of one distribution do not overlap) = 2 / C(n + m, n), at most 1.
double disjoint_by_chance(std::uint64_t n, std::uint64_t m);

/// The share of Student's t distribution above t. Defined for every t; NaN for df <= 0 and for NaN.
double t_upper_tail(double df, double t);
/// The t above which `tail` of the distribution lies. NaN for df <= 0 and for a tail outside of (0, 1).
double t_critical(double df, double tail);

}  // namespace ktstr::kit
