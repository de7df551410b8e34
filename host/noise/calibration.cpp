// SPDX-License-Identifier: Apache-2.0
#include "noise/calibration.hpp"

#include <algorithm>
#include <boost/math/distributions/non_central_t.hpp>
#include <cmath>
#include <ktstr/cpp/noise.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <random>

#include "compare/insight.hpp"

namespace ktstr {
namespace {

namespace math = boost::math;
constexpr double kPower = 0.8, kLevel = 0.05, kEnough = 0.9;

double power_of(double shift, std::uint64_t n) {
  KTSTR_ASSERT(shift >= 0 && n >= 2);
  const double df = 2 * static_cast<double>(n) - 2;
  const double critical = kit::t_critical(df, kLevel);
  return math::cdf(
      math::complement(math::non_central_t(df, shift * std::sqrt(static_cast<double>(n) / 2)), critical));
}

}  // namespace

double detectable_deviations(std::uint64_t n) {
  double low = 0, high = 1;
  while (power_of(high, n) < kPower) high *= 2;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (power_of(middle, n) < kPower ? low : high) = middle;
  }
  KTSTR_ASSERT(low < high && power_of(high, n) >= kPower);
  return high;
}

double MetricNoise::detectable(std::uint64_t n) const {
  return std::expm1(log_sd * detectable_deviations(n));
}

double MetricNoise::stored_gate() const { return std::expm1(3 * std::sqrt(2.0) * log_sd); }

std::vector<MetricNoise> noise_of(const ComparisonSet& set) {
  std::vector<MetricNoise> noise;
  for (const auto& comparison : set.metrics) {
    if (comparison->gates() && !comparison->settled())
      noise.push_back({comparison->scenario(), comparison->name(), sdk::log_deviation(comparison->c_struct()),
                       comparison->rule().rel_gate});
  }
  return noise;
}

std::uint64_t recommended_runs(const std::vector<MetricNoise>& noise) {
  for (const std::uint64_t n : {3, 5, 7, 10, 15, 20}) {
    const double factor = detectable_deviations(n);
    std::size_t known = 0, seen = 0;
    for (const MetricNoise& one : noise) {
      if (std::isnan(one.log_sd)) continue;
      ++known;
      seen += std::expm1(one.log_sd * factor) <= one.rel_gate ? 1 : 0;
    }
    KTSTR_ASSERT(seen <= known && known <= noise.size());
    if (static_cast<double>(seen) >= kEnough * static_cast<double>(known)) return n;
  }
  return 0;
}

std::map<std::string, double> recommended_percent(const std::vector<MetricNoise>& noise) {
  std::map<std::string, double> percent;
  for (const MetricNoise& one : noise) {
    if (std::isnan(one.log_sd) || one.stored_gate() <= one.rel_gate) continue;
    double& gate = percent[one.metric];
    gate = std::max(gate, std::min(1e6, std::ceil(one.stored_gate() * 100)));
    KTSTR_ASSERT(gate > 0);
  }
  return percent;
}

std::vector<std::vector<bool>> sign_flips(std::uint64_t blocks, std::size_t most, std::uint64_t seed) {
  std::vector<std::vector<bool>> flips;
  if (blocks < 63 && (std::uint64_t{1} << blocks) <= most) {
    for (std::uint64_t bits = 0; bits < std::uint64_t{1} << blocks; ++bits) {
      std::vector<bool>& flip = flips.emplace_back();
      for (std::uint64_t block = 0; block < blocks; ++block) flip.push_back((bits >> block & 1) != 0);
    }
    KTSTR_ASSERT(flips.size() <= most);
    return flips;
  }
  std::mt19937_64 random(seed);  // its numbers are the same everywhere
  for (std::size_t i = 0; i < most; ++i) {
    std::vector<bool>& flip = flips.emplace_back();
    for (std::uint64_t block = 0; block < blocks; ++block) flip.push_back((random() >> 63) != 0);
  }
  return flips;
}

}  // namespace ktstr
