// SPDX-License-Identifier: Apache-2.0
//
// What a verdict could have got wrong: found by luck, or not have seen. Pure; docs/perf-delta.md explains the numbers.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/comparison.hpp"

namespace ktstr {

/// Probability that the page's rule (Welch's t at 5 % or disjoint bands, and material) calls one unchanged metric of `n` runs a side
/// regressed. `log_sd`: noise between runs; `rel_gate`: a fraction.
double flagged_by_luck(std::uint64_t n, double log_sd, double rel_gate);

/// Probability that at least one of these comparisons is called regressed although nothing changed, taking them as independent. Nothing
/// when no noise is known: one run a side and no history.
std::optional<double> any_flagged_by_luck(const std::vector<std::unique_ptr<MetricComparison>>& comparisons);

/// What the gating comparisons could have shown. `blind` of `judged` had a minimum detectable effect above their own relative gate.
struct Sight {
  std::uint64_t judged = 0, blind = 0, unknown = 0;  ///< unknown: no noise, so no such effect
  std::uint64_t runs_for_half = 0, runs_for_all = 0;  ///< runs a side at which half of the blind ones, and all, would see; 0: none are blind
};
/// One entry a comparison: its minimum detectable relative effect (NaN: unknown) after `n` runs a side.
struct Detectable {
  double mde, rel_gate;
  std::uint64_t n;
};
Sight sight_of(const std::vector<Detectable>& comparisons);

/// Standard deviation of the logarithms of a side's runs, pooled over both sides; falls back to the history's. NaN when unknown.
double log_noise(const ktstr_comparison& comparison);

}  // namespace ktstr
