// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "evidence.hpp"
#include "moderation.hpp"

namespace ktstr::fdr {

/// A shift with its uncertainty, and how likely chance alone makes one as large.
struct Test {
  bool possible =
      false;  ///< there is a shift and its standard error; otherwise p is that of the bands alone, or 1
  double error = 0,
         df = 0;  ///< of the shift; known of equal sides too when the prior or the resolution tells
  double t = 0;
  double p_harm = 1, p_gain = 1;  ///< one-sided: that head is worse, better
  double tests = 1;               ///< of which the smallest p was taken, times their number
  bool levelled = false;          ///< error, df and t are of equally served runs
};

/// `prior` has no degrees of freedom when nothing is known; then pairs are judged by their own variance and
/// unpaired sides each by its own, as Welch does. `session_spread`: variance between sessions over that
/// between runs, 0 when both sides are of one session. `margin`: the shift that is still no change.
Test test(const Evidence& evidence, const Variance& prior, double session_spread, double margin,
          bool higher_is_better);

}  // namespace ktstr::fdr
