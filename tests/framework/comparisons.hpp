// SPDX-License-Identifier: Apache-2.0
//
// What a ktstr_comparison points to, kept until the test program ends.
#pragma once
#include <ktstr/abi/gate.h>

#include <deque>
#include <limits>

namespace ktstr::testing {

/// Borrows the arrays.
inline const ktstr_samples* samples(const double* values, const std::uint64_t* blocks,
                                    const std::uint64_t* seeds, std::uint64_t count) {
  static std::deque<ktstr_samples> kept;
  return &kept.emplace_back(ktstr_samples{sizeof(ktstr_samples), 0, count, values, blocks, seeds});
}

inline const ktstr_history* history(const ktstr_history& one) {
  static std::deque<ktstr_history> kept;
  return &kept.emplace_back(one);
}

inline const ktstr_history* no_history() {
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  static constexpr ktstr_history kNone{sizeof(ktstr_history), 0, kNaN, kNaN, kNaN, kNaN, 0};
  return &kNone;
}

}  // namespace ktstr::testing
