// SPDX-License-Identifier: Apache-2.0
#include "welch.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace ktstr::welch {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// A verdict has an answer for every input: no exception, and what cannot be represented becomes 0, infinity or NaN. Doubles are not
// promoted: that would buy digits nobody needs with most of the speed.
namespace policies = boost::math::policies;
using Policy =
    policies::policy<policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
                     policies::overflow_error<policies::ignore_error>, policies::evaluation_error<policies::ignore_error>,
                     policies::rounding_error<policies::ignore_error>, policies::promote_double<false>>;
using StudentsT = boost::math::students_t_distribution<double, Policy>;

double upper_tail(double df, double t) { return std::isinf(t) ? 0 : boost::math::cdf(boost::math::complement(StudentsT(df), t)); }

/// The t above which `tail` of the distribution lies.
double critical(double df, double tail) { return boost::math::quantile(boost::math::complement(StudentsT(df), tail)); }

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
  const double share_a = (error_a / error) * (error_a / error), share_b = (error_b / error) * (error_b / error);
  result.possible = true;
  result.error_a = error_a;
  result.error_b = error_b;
  result.error = error;
  result.t = (a.mean - b.mean) / error;
  result.df = 1 / (share_a * share_a / static_cast<double>(a.n - 1) + share_b * share_b / static_cast<double>(b.n - 1));
  result.p = std::min(1.0, 2 * upper_tail(result.df, std::fabs(result.t)));
  return result;
}

Interval ratio_interval(const Summary& a, const Summary& b, const WelchTest& test) {
  const Interval none{kNaN, kNaN};
  if (!test.possible || !(a.mean > 0) || !(b.mean > 0)) return none;
  const double t = critical(test.df, 0.025), ratio = a.mean / b.mean;
  const double relative_a = t * test.error_a / b.mean, relative_b = t * test.error_b / b.mean;
  const double g = relative_b * relative_b;
  if (!(g < 1)) return none;
  const double root = std::sqrt(relative_a * relative_a * (1 - g) + ratio * ratio * g);
  const Interval interval{(ratio - root) / (1 - g), (ratio + root) / (1 - g)};
  return std::isfinite(interval.low) && std::isfinite(interval.high) ? interval : none;
}

double detectable_difference(const WelchTest& test, double alpha) {
  return test.possible ? (critical(test.df, alpha / 2) + critical(test.df, 0.2)) * test.error : kNaN;
}

double disjoint_by_chance(std::uint64_t n, std::uint64_t m) {
  double p = 2;
  for (std::uint64_t i = 1, steps = std::min(n, m), other = std::max(n, m); i <= steps && p > 0; ++i) {
    p *= static_cast<double>(i) / static_cast<double>(other + i);
  }
  return std::min(p, 1.0);
}

}  // namespace ktstr::welch
