// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/gate.h>

#include <optional>

namespace ktstr::threshold {

struct Options {
  std::optional<double> rel_gate;  ///< in place of every comparison's own; 0.25 is 25 %
};

/// Fills the verdict of one comparison. A change is material when it reaches abs_gate and the relative gate,
/// both; from a baseline of 0 the relative change is infinite and the absolute gate decides alone. An exact
/// metric has no gates: every difference counts.
void judge(const ktstr_comparison& comparison, const Options& options, ktstr_verdict& verdict);

}  // namespace ktstr::threshold
