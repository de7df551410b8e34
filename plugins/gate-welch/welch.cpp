// SPDX-License-Identifier: Apache-2.0
#include "welch.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <limits>

namespace ktstr::welch {
namespace {

using kit::kNaN;

}  // namespace

int common_exponent(std::span<const double> a, std::span<const double> b) {
  double largest = 0;
  for (const double v : a) largest = std::max(largest, std::fabs(v));
  for (const double v : b) largest = std::max(largest, std::fabs(v));
  int exponent = 0;
  std::frexp(largest, &exponent);
  return exponent;
}

Summary summarise(std::span<const double> values, int exponent) {
  Summary s;
  s.n = values.size();
  if (values.empty()) return s;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  s.min = std::ldexp(*low, -exponent);
  s.max = std::ldexp(*high, -exponent);
  KTSTR_ASSERT(!(s.min > s.max));
  s.mean = s.min;
  if (s.min == s.max) return s;  // exactly itself, whatever a division would round to

  const double n = static_cast<double>(s.n);
  const auto sum_of_rest = [&] {
    double sum = 0;
    for (const double v : values) sum += std::ldexp(v, -exponent) - s.mean;
    return sum;
  };
  s.mean += sum_of_rest() / n;
  const double rest = sum_of_rest();  // what rounding left in the mean (Chan, Golub, LeVeque 1983)
  const double largest = std::max(s.max - s.mean, s.mean - s.min);
  double squares = 0;
  for (const double v : values) {
    const double d = (std::ldexp(v, -exponent) - s.mean) / largest;
    squares += d * d;
  }
  squares -= (rest / largest) * (rest / largest) / n;
  s.deviation = largest * std::sqrt(squares / (n - 1));
  return s;
}

WelchTest test(const Summary& a, const Summary& b) {
  WelchTest result{false, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
  if (a.n < 2 || b.n < 2) return result;
  const double error_a = a.deviation / std::sqrt(static_cast<double>(a.n)),
               error_b = b.deviation / std::sqrt(static_cast<double>(b.n));
  const double error = std::hypot(error_a, error_b);
  if (!(error > 0)) return result;
  const double share_a = (error_a / error) * (error_a / error),
               share_b = (error_b / error) * (error_b / error);
  result.possible = true;
  result.error_a = error_a;
  result.error_b = error_b;
  result.error = error;
  result.t = (a.mean - b.mean) / error;
  result.df = 1 / (share_a * share_a / static_cast<double>(a.n - 1) +
                   share_b * share_b / static_cast<double>(b.n - 1));
  result.p = std::min(1.0, 2 * kit::t_upper_tail(result.df, std::fabs(result.t)));
  KTSTR_ASSERT(!(result.p < 0) && !(result.df < 0));
  return result;
}

Interval ratio_interval(const Summary& a, const Summary& b, const WelchTest& test) {
  const Interval none{kNaN, kNaN};
  if (!test.possible || !(a.mean > 0) || !(b.mean > 0)) return none;
  const double t = kit::t_critical(test.df, 0.025), ratio = a.mean / b.mean;
  const double relative_a = t * test.error_a / b.mean, relative_b = t * test.error_b / b.mean;
  const double g = relative_b * relative_b;
  if (!(g < 1)) return none;
  const double root = std::sqrt(relative_a * relative_a * (1 - g) + ratio * ratio * g);
  const Interval interval{(ratio - root) / (1 - g), (ratio + root) / (1 - g)};
  KTSTR_ASSERT(!(interval.low > interval.high));
  return std::isfinite(interval.low) && std::isfinite(interval.high) ? interval : none;
}

double detectable_difference(const WelchTest& test, double alpha) {
  return test.possible ? (kit::t_critical(test.df, alpha / 2) + kit::t_critical(test.df, 0.2)) * test.error
                       : kNaN;
}

}  // namespace ktstr::welch
