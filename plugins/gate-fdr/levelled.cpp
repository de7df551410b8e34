// SPDX-License-Identifier: Apache-2.0
#include "levelled.hpp"

#include <cmath>
#include <cstdint>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/stats.hpp>
#include <random>

namespace ktstr::fdr {
namespace {

constexpr double kLeastSpread =
    0.1;  // root mean square of the log ratios of speeds: below, today's test is as good
constexpr double kSteepest = 4;    // a twentieth less of the host cannot cost a guest more than a fifth
constexpr double kBalanced = 0.1;  // two-sided p of equal speeds

/// Sums over pairs, some of which have changed sides.
struct Sums {
  double n = 0, d = 0, x = 0;     ///< these change with the sides
  double dd = 0, xx = 0, dx = 0;  ///< these do not

  /// Of the regression with an intercept, which is the shift.
  Levelled fit() const {
    const double sxx = xx - x * x / n, sxd = dx - x * d / n, sdd = dd - d * d / n;
    Levelled out;
    out.slope = sxx > 1e-12 * xx ? sxd / sxx : 0;
    out.shift = (d - out.slope * x) / n;
    out.df = n - 2;
    const double rest = std::max(0.0, sdd - out.slope * sxd) / out.df;
    out.error = std::sqrt(rest * (1 / n + (sxx > 1e-12 * xx ? x * x / (n * n * sxx) : 0)));
    return out;
  }
};

double t_of(const Levelled& fit) { return fit.error > 0 ? fit.shift / fit.error : 0; }

/// How often the statistic is as extreme when pairs change sides: all ways while they are few, else as many
/// drawn, with the one that was seen among them.
void count_flips(std::span<const double> d, std::span<const double> x, const Sums& seen, Levelled& out) {
  const std::size_t n = d.size();
  const bool all = n <= kMostFlips;
  const std::uint64_t ways = 1ULL << std::min(n, kMostFlips);
  std::mt19937_64 dice(n);  // a gate has no luck of its own: equal input, equal output
  const double t = t_of(out), slack = 1e-9 * (1 + std::fabs(t));
  std::uint64_t larger = 0, smaller = 0;
  for (std::uint64_t way = 0; way < ways; ++way) {
    Sums flipped = seen;
    std::uint64_t signs = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (i % 64 == 0) signs = all ? way : way == 0 ? 0 : dice();
      if ((signs >> (i % 64) & 1) == 0) continue;
      flipped.d -= 2 * d[i];
      flipped.x -= 2 * x[i];
    }
    const double other = t_of(flipped.fit());
    larger += other >= t - slack ? 1 : 0;
    smaller += other <= t + slack ? 1 : 0;
  }
  KTSTR_ASSERT(larger > 0 && smaller > 0);  // what was seen is among them
  out.larger = static_cast<double>(larger) / static_cast<double>(ways);
  out.smaller = static_cast<double>(smaller) / static_cast<double>(ways);
}

/// Logarithms; NaN for what is no speed, nothing at all when they are not as many as the runs.
std::vector<double> speeds_in(const json::object& speeds, const char* side, std::uint64_t count) {
  std::vector<double> out;
  const json::value* found = speeds.if_contains(side);
  if (found == nullptr || !found->is_array() || found->get_array().size() != count) return out;
  for (const json::value& speed : found->get_array()) {
    const double value = speed.is_number() ? speed.to_number<double>() : 0;
    out.push_back(value > 0 && std::isfinite(value) ? std::log(value) : std::nan(""));
  }
  return out;
}

}  // namespace

Levelled level(std::span<const double> differences, std::span<const double> speeds) {
  KTSTR_ASSERT(differences.size() == speeds.size());
  if (differences.size() < kLevelledFrom) return {};
  Sums sums;
  sums.n = static_cast<double>(differences.size());
  for (std::size_t i = 0; i < differences.size(); ++i) {
    sums.d += differences[i];
    sums.x += speeds[i];
    sums.dd += differences[i] * differences[i];
    sums.xx += speeds[i] * speeds[i];
    sums.dx += differences[i] * speeds[i];
  }
  const double spread = std::sqrt(sums.xx / sums.n), mean = sums.x / sums.n,
               varies = (sums.xx - sums.n * mean * mean) / (sums.n - 1);
  if (!(spread >= kLeastSpread) || !(varies > 1e-9 * sums.xx)) return {};
  Levelled out = sums.fit();
  if (!(out.error > 0)) return {};
  out.possible = true;
  const double t = std::fabs(mean) / std::sqrt(varies / sums.n);
  out.trusted = std::fabs(out.slope) <= kSteepest && 2 * kit::t_upper_tail(sums.n - 1, t) > kBalanced;
  count_flips(differences, speeds, sums, out);
  return out;
}

std::vector<double> speed_differences(const ktstr_comparison& comparison, const Pairing& pairing) {
  if (comparison.extra_json.len <= 2 || pairing.pairs.size() < kLevelledFrom) return {};  // "{}"
  const json::object extra = kit::object_or_empty({comparison.extra_json.ptr, comparison.extra_json.len});
  const json::value* found = extra.if_contains("host_speed");
  if (found == nullptr || !found->is_object()) return {};
  const std::vector<double> before = speeds_in(found->get_object(), "baseline", comparison.baseline->count),
                            after = speeds_in(found->get_object(), "head", comparison.head->count);
  if (before.empty() || after.empty()) return {};
  std::vector<double> out;
  for (const Pairing::Pair& pair : pairing.pairs) {
    out.push_back(after[pair.head] - before[pair.baseline]);
    if (!std::isfinite(out.back())) return {};
  }
  return out;
}

}  // namespace ktstr::fdr
