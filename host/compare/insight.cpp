// SPDX-License-Identifier: Apache-2.0
#include "compare/insight.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <limits>

namespace ktstr {

std::optional<double> any_false_alarm(const std::vector<std::vector<double>>& rows) {
  double none = 1;
  bool known = false;
  for (const std::vector<double>& rates : rows) {
    const bool all = !rates.empty() &&
                     std::none_of(rates.begin(), rates.end(), [](double rate) { return std::isnan(rate); });
    if (!all) continue;
    known = true;
    // All gates must agree, so the least probability bounds them.
    none *= 1 - *std::min_element(rates.begin(), rates.end());
    KTSTR_ASSERT(none >= 0 && none <= 1);
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
  KTSTR_ASSERT(sight.blind + sight.unknown <= sight.judged && needed.size() <= sight.blind);
  if (needed.empty()) return sight;
  std::sort(needed.begin(), needed.end());
  const auto runs = [](double n) { return static_cast<std::uint64_t>(std::min(n, 1e6)); };
  sight.runs_for_half = runs(needed[(needed.size() - 1) / 2]);
  sight.runs_for_all = runs(needed.back());
  KTSTR_ASSERT(sight.runs_for_half <= sight.runs_for_all);
  return sight;
}

}  // namespace ktstr
