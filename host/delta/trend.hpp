// SPDX-License-Identifier: Apache-2.0
//
// What a metric was in earlier commits, so that a finding is seen beside what came before. Judges nothing.
// Pure.
#pragma once
#include <string>
#include <vector>

#include "compare/comparison.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

inline constexpr std::size_t kMostTrendPoints = 40;

/// The runs of one commit in one session, or of one commit where they belong to none.
struct TrendPoint {
  std::string commit, when;  ///< of the first of its runs, as the sidecar has it; empty: unknown
  double mean, low, high;
  std::size_t runs;
};

/// By time, the newest `kMostTrendPoints`. Runs of a dirty tree, such as did not pass, and a phase's own
/// figure have none.
std::vector<TrendPoint> trend_of(const MetricComparison& comparison,
                                 const std::vector<SidecarRecord>& earlier);

}  // namespace ktstr
