// SPDX-License-Identifier: Apache-2.0
#include "compare/insight.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/stats.hpp>
#include <limits>

namespace ktstr {
namespace {
void add_log_variance(const ktstr_samples& side, double& squares, double& df) {
  if (side.count < 2) return;
  double mean = 0;
  for (std::uint64_t i = 0; i < side.count; ++i) {
    if (!(side.values[i] > 0)) return;
    mean += std::log(side.values[i]) / static_cast<double>(side.count);
  }
  for (std::uint64_t i = 0; i < side.count; ++i)
    squares += (std::log(side.values[i]) - mean) * (std::log(side.values[i]) - mean);
  df += static_cast<double>(side.count - 1);
}

}  // namespace

double log_noise(const ktstr_comparison& comparison) {
  double squares = 0, df = 0;
  add_log_variance(comparison.baseline, squares, df);
  add_log_variance(comparison.head, squares, df);
  if (df > 0) return std::sqrt(squares / df);
  return comparison.history.log_variance >= 0 ? std::sqrt(comparison.history.log_variance) : kit::kNaN;
}

double flagged_by_luck(std::uint64_t n, double log_sd, double rel_gate) {
  if (n == 0 || !(log_sd > 0)) return 0;
  // Two rules that are met together by chance: the smaller probability bounds both. One direction only.
  const double separated = n < 2 ? 1 : std::max(kit::disjoint_by_chance(n, n), 0.05);
  const double material =
      rel_gate > 0
          ? kit::normal_tail(std::log1p(rel_gate) / (log_sd * std::sqrt(2.0 / static_cast<double>(n))))
          : 0.5;
  return std::min(separated / 2, material);
}

std::optional<double> any_flagged_by_luck(const std::vector<std::unique_ptr<MetricComparison>>& comparisons) {
  double none = 1;
  bool known = false;
  for (const auto& comparison : comparisons) {
    const ktstr_comparison& c = comparison->c_struct();
    const double noise = log_noise(c);
    if (!comparison->gates() || std::isnan(noise)) continue;
    known = true;
    none *= 1 - flagged_by_luck(std::min(c.baseline.count, c.head.count), noise, c.rel_gate);
  }
  return known ? std::optional(1 - none) : std::nullopt;
}

double size_of_gate(const ktstr_comparison& comparison) {
  const double baseline = std::fabs(comparison.baseline_estimate);
  return baseline > 0 && comparison.abs_gate > 0
             ? std::max(comparison.rel_gate, comparison.abs_gate / baseline)
             : comparison.rel_gate;
}

Sight sight_of(const std::vector<Detectable>& comparisons) {
  Sight sight;
  std::vector<double> needed;
  for (const Detectable& one : comparisons) {
    ++sight.judged;
    const bool known = one.mde >= 0 && std::isfinite(one.mde);
    if (one.settled || (known && (one.mde <= one.gate || one.gate <= 0))) continue;
    if (!known && !one.unable) {
      ++sight.unknown;
      continue;
    }
    ++sight.blind;
    if (!known || one.gate <= 0) continue;
    // The detectable logarithm of the ratio shrinks with the square root of the runs.
    const double factor = std::log1p(one.mde) / std::log1p(one.gate);
    needed.push_back(std::ceil(static_cast<double>(one.n) * factor * factor));
  }
  if (needed.empty()) return sight;
  std::sort(needed.begin(), needed.end());
  const auto runs = [](double n) { return static_cast<std::uint64_t>(std::min(n, 1e6)); };
  sight.runs_for_half = runs(needed[(needed.size() - 1) / 2]);
  sight.runs_for_all = runs(needed.back());
  return sight;
}

}  // namespace ktstr
