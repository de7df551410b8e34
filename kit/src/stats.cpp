// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/stats.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <ktstr/kit/assert.hpp>

#include "ktstr/kit/boost_math.hpp"

namespace ktstr::kit {
namespace {

using StudentsT = boost::math::students_t_distribution<double, MathPolicy>;

/// Puts the upper middle value where it belongs, with nothing larger in front of it.
std::vector<double>::iterator upper_middle(std::vector<double>& values) {
  KTSTR_ASSERT(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return middle;
}

}  // namespace

double mean(std::span<const double> values) {
  if (values.empty()) return kNaN;
  const bool equal = std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
  if (equal) return values.front();  // whatever a division would round to
  double sum = 0;
  for (const double value : values) sum += value / static_cast<double>(values.size());
  return sum;
}

double median(std::vector<double> values) {
  if (values.empty()) return kNaN;
  const auto middle = upper_middle(values);
  if (values.size() % 2 == 1) return *middle;
  KTSTR_ASSERT(middle != values.begin());  // an even number has a lower half
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double upper_median(std::vector<double> values) { return values.empty() ? kNaN : *upper_middle(values); }

double relative_change(double from, double to) {
  if (from == to) return 0;
  if (from == 0) return std::copysign(kInfinity, to);
  return (to - from) / std::fabs(from);
}

double normal_tail(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

double disjoint_by_chance(std::uint64_t n, std::uint64_t m) {
  double p = 2;
  const std::uint64_t steps = std::min(n, m), other = std::max(n, m);
  for (std::uint64_t i = 1; i <= steps && p > 0; ++i) {
    p *= static_cast<double>(i) / static_cast<double>(other + i);
  }
  KTSTR_ASSERT(p >= 0);
  return std::min(p, 1.0);
}

double t_upper_tail(double df, double t) {
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  return boost::math::cdf(boost::math::complement(StudentsT(df), t));
}

double t_critical(double df, double tail) {
  return boost::math::quantile(boost::math::complement(StudentsT(df), tail));
}

}  // namespace ktstr::kit
