// SPDX-License-Identifier: Apache-2.0
//
// What the values of one comparison say by themselves, before anything is borrowed from history or from other
// metrics.
#pragma once
#include <ktstr/abi/gate.h>

#include <cstddef>
#include <vector>

#include "levelled.hpp"
#include "logs.hpp"
#include "moderation.hpp"
#include "paired.hpp"
#include "ranks.hpp"

namespace ktstr::fdr {

/// From this many values a side (or pairs) the rank test joins: below, its smallest p is too large to help.
inline constexpr std::size_t kRanksFrom = 7;

struct Evidence {
  bool paired = false;
  Scale scale;
  std::size_t baseline_count = 0, head_count = 0;   ///< values used; equal to the pairs when paired
  std::size_t not_finite = 0, without_partner = 0;  ///< values left out
  double shift = 0;                                 ///< mean of head minus baseline, on the scale
  Variance own{0, 0};                               ///< of pair differences, or pooled within the sides
  double weight = 0;     ///< variance of the shift over that variance: 1/pairs, or 1/n + 1/m
  Variance welch{0, 0};  ///< unpaired: of the shift itself with each side's own variance
  double rounding = 0;   ///< the part of `own` that the metric's resolution makes at least
  bool baseline_constant = false, head_constant = false;
  bool identical = false;  ///< nothing differs: every pair, or every value of both sides
  bool disjoint = false;   ///< the sides' bands do not touch
  bool ranked = false;
  RankTest ranks{0, 1, 1};
  Levelled levelled;  ///< of pairs whose runs the host did not serve alike
};

/// Reads comparisons one after the other; keeps its buffers.
class EvidenceReader {
 public:
  Evidence operator()(const ktstr_comparison& comparison);
  RankTester& ranks() { return ranks_; }

 private:
  Levelled levelled(const ktstr_comparison& comparison) const;

  Pairing pairing_;
  std::vector<double> baseline_, head_;
  RankTester ranks_;
};

}  // namespace ktstr::fdr
