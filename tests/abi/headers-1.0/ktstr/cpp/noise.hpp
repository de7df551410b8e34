// SPDX-License-Identifier: Apache-2.0
//
// The noise that the values of a comparison show.
#pragma once
#include <ktstr/abi/gate.h>

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>

namespace ktstr::sdk {

/// Standard deviation of the logarithms of a side's runs, pooled over both sides; falls back to the
/// history's. NaN when unknown. A side with a value that is not above 0 says nothing.
inline double log_deviation(const ktstr_comparison& comparison) {
  double squares = 0, df = 0;
  for (const ktstr_samples* side : {comparison.baseline, comparison.head}) {
    double mean = 0, spread = 0;
    bool positive = side->count >= 2;
    for (std::uint64_t i = 0; positive && i < side->count; ++i) {
      positive = side->values[i] > 0;
      if (positive) mean += std::log(side->values[i]) / static_cast<double>(side->count);
    }
    if (!positive) continue;
    for (std::uint64_t i = 0; i < side->count; ++i)
      spread += (std::log(side->values[i]) - mean) * (std::log(side->values[i]) - mean);
    squares += spread;
    df += static_cast<double>(side->count - 1);
  }
  if (df > 0) return std::sqrt(squares / df);
  return comparison.history->log_variance >= 0 ? std::sqrt(comparison.history->log_variance)
                                               : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace ktstr::sdk
