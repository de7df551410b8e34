// SPDX-License-Identifier: Apache-2.0
//
// What a verdict could have got wrong: found by luck, or not have seen. Pure; docs/perf-delta.md explains the
// numbers.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compare/comparison.hpp"

namespace ktstr {

/// Probability that at least one of these rows is called regressed although nothing changed, taking them as
/// independent; each row has the rate that every gate states, NaN where it states none. Nothing when no row
/// has them all.
std::optional<double> any_false_alarm(const std::vector<std::vector<double>>& rows);

/// What the gating comparisons could have shown. `blind` of `judged` could not have shown a change of their
/// own gate's size.
struct Sight {
  std::uint64_t judged = 0, blind = 0,
                unknown = 0;  ///< unknown: nobody says, as with gates that know no noise
  std::uint64_t runs_for_half = 0,
                runs_for_all =
                    0;  ///< runs a side at which half of the blind ones, and all, would see; 0: nobody knows
  std::uint64_t sighted() const { return judged - blind - unknown; }
  /// Whether less than this share of what is known could see.
  bool too_dim(double least) const {
    return static_cast<double>(sighted()) < least * static_cast<double>(sighted() + blind);
  }
};
/// One entry a comparison.
struct Detectable {
  double mde;            ///< minimum detectable relative effect; NaN: unknown
  double gate;           ///< the smallest relative change that matters, see size_of_gate
  std::uint64_t n;       ///< runs a side
  bool settled = false;  ///< found, or shown to be within its gate: it was seen
  bool unable = false;   ///< the gates say that they cannot tell
};
/// A change must reach both gates to matter: the larger of the relative one and the absolute one as a share
/// of the baseline.
double size_of_gate(const ktstr_comparison& comparison);
Sight sight_of(const std::vector<Detectable>& comparisons);

}  // namespace ktstr
