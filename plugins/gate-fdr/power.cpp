// SPDX-License-Identifier: Apache-2.0
#include "power.hpp"

#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <cstdint>
#include <ktstr/kit/boost_math.hpp>
#include <ktstr/kit/stats.hpp>
#include <limits>

namespace ktstr::fdr {

double detectable_shift(double df, double alpha) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  if (!(df > 0) || !(alpha > 0) || !(alpha < kPower)) return kNaN;
  const double threshold = kit::t_critical(df, alpha);
  // Two quantiles added are close; beyond this the noncentral t adds nothing that its own evaluation would
  // not lose.
  const double guess = threshold + kit::t_critical(df, 1 - kPower);
  if (!(guess < 1e3) || df > 1e6) return guess;
  const auto shortfall = [&](double shift) {
    const boost::math::non_central_t_distribution<double, kit::MathPolicy> t(df, shift);
    return kPower - boost::math::cdf(boost::math::complement(t, threshold));
  };
  std::uintmax_t steps = 100;
  const auto root = boost::math::tools::bracket_and_solve_root(
      shortfall, guess, 1.2, false, boost::math::tools::eps_tolerance<double>(45), steps, kit::MathPolicy());
  const double shift = (root.first + root.second) / 2;
  return std::isfinite(shift) && shift > 0 ? shift : guess;
}

double DetectableShifts::operator()(double df, double alpha) {
  const auto [entry, is_new] = known_.try_emplace({df, alpha}, 0);
  if (is_new) entry->second = detectable_shift(df, alpha);
  return entry->second;
}

}  // namespace ktstr::fdr
