// SPDX-License-Identifier: Apache-2.0
#include "moderation.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/boost_math.hpp>
#include <limits>

namespace ktstr::fdr {
namespace {

double digamma(double x) { return boost::math::digamma(x, kit::MathPolicy()); }
double trigamma(double x) { return boost::math::trigamma(x, kit::MathPolicy()); }

bool counts(const Variance& variance) {
  return variance.value > 0 && std::isfinite(variance.value) && variance.df > 0;
}

/// The logarithm, rid of the bias and with the spread that so few degrees of freedom give it.
double unbiased_log(const Variance& v) { return std::log(v.value) - digamma(v.df / 2) + std::log(v.df / 2); }

}  // namespace

double inverse_trigamma(double x) {
  KTSTR_ASSERT(x > 0);
  if (x > 1e7) return 1 / std::sqrt(x);
  if (x < 1e-6) return 1 / x;
  double y = 0.5 + 1 / x;
  for (int i = 0; i < 50; ++i) {  // Newton on 1/trigamma, which is nearly linear: 4 or 5 steps
    const double value = trigamma(y);
    const double step = value * (1 - value / x) / boost::math::polygamma(2, y, kit::MathPolicy());
    y += step;
    if (std::fabs(step) < 1e-14 * y) break;
  }
  return y;
}

Variance prior_of(std::span<const Variance> variances) {
  double n = 0, mean = 0;
  for (const Variance& v : variances) {
    if (!counts(v)) continue;
    mean += unbiased_log(v);
    ++n;
  }
  if (n < 2) return {std::numeric_limits<double>::quiet_NaN(), 0};
  mean /= n;
  double spread = 0, by_chance = 0;
  for (const Variance& v : variances) {
    if (!counts(v)) continue;
    const double d = unbiased_log(v) - mean;
    spread += d * d;
    by_chance += trigamma(v.df / 2);
  }
  const double excess = spread / (n - 1) - by_chance / n;
  if (!(excess > 0)) return {std::exp(mean), std::numeric_limits<double>::infinity()};
  const double half = inverse_trigamma(excess);
  return {std::exp(mean + digamma(half) - std::log(half)), 2 * half};
}

Variance shrink(const Variance& own, const Variance& prior) {
  if (!(prior.df > 0)) return own;
  if (!(own.df > 0) || std::isinf(prior.df)) return {prior.value, prior.df + (own.df > 0 ? own.df : 0)};
  const double df = own.df + prior.df;
  return {(own.df / df) * own.value + (prior.df / df) * prior.value, df};
}

}  // namespace ktstr::fdr
