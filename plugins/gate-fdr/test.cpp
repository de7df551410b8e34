// SPDX-License-Identifier: Apache-2.0
#include "test.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <limits>

namespace ktstr::fdr {
namespace {

constexpr double kHardlyFound = 0.05;  // no finding of a single test

/// Of the shift.
Variance variance_of(const Evidence& e, const Variance& prior, double session_spread) {
  const double sessions = 2 * session_spread;  // each side is of a session of its own
  const double least = e.rounding * e.weight;
  if (prior.df > 0) {
    const Variance s = shrink(e.own, prior);
    return {std::max(s.value * (e.weight + sessions), least), s.df};
  }
  if (!e.paired && e.welch.df > 0)
    return {std::max(e.welch.value + sessions * e.own.value, least), e.welch.df};
  return {std::max(e.own.value * (e.weight + sessions), least), e.own.df};
}

/// Adds the test of equally served runs to those before. A p of it is no smaller than what pairs that change
/// sides by chance make of it. The plain estimates stand where they are what was found.
void add_levelled(const Levelled& levelled, bool higher_is_better, Test& result) {
  ++result.tests;
  if (!levelled.trusted) return;
  const double t = levelled.shift / levelled.error,
               up = std::max(kit::t_upper_tail(levelled.df, t), levelled.larger),
               down = std::max(kit::t_upper_tail(levelled.df, -t), levelled.smaller);
  const double plain = std::min(result.p_harm, result.p_gain), own = std::min(up, down);
  result.p_harm = std::min(result.p_harm, higher_is_better ? down : up);
  result.p_gain = std::min(result.p_gain, higher_is_better ? up : down);
  result.levelled = own <= plain || (plain >= kHardlyFound && levelled.error < result.error);
  if (!result.levelled) return;
  result.t = t;
  result.error = levelled.error;
  result.df = levelled.df;
}

}  // namespace

Test test(const Evidence& e, const Variance& prior, double session_spread, double margin,
          bool higher_is_better) {
  Test result;
  const Variance variance = variance_of(e, prior, session_spread);
  if (e.identical) {  // no shift to test; what another one would have been held against is known all the same
    if (variance.value > 0 && variance.df > 0)
      result.error = std::sqrt(variance.value), result.df = variance.df;
    return result;
  }
  if (!(variance.value > 0) || !(variance.df > 0)) {
    // Nothing varies, so there is nothing to test with. Disjoint bands are the rank test's extreme, which is
    // never certain; the two-sided p, for a tool that can show one value only has hardly been read.
    if (e.disjoint) {
      RankTester ranks;
      const double p = std::min(
          1.0, 2 * ranks.exact_tail(e.baseline_count, e.head_count, e.baseline_count * e.head_count));
      ((e.shift > 0) == higher_is_better ? result.p_gain : result.p_harm) = p;
    }
    return result;
  }
  result.possible = true;
  result.error = std::sqrt(variance.value);
  result.df = variance.df;
  result.t = e.shift / result.error;
  const double harm = higher_is_better ? -e.shift : e.shift;
  if (margin == 0) {
    const double tail = std::max(kit::t_upper_tail(result.df, std::fabs(result.t)),
                                 std::numeric_limits<double>::min());  // never certain
    result.p_harm = harm > 0 ? tail : 1 - tail;
    result.p_gain = harm > 0 ? 1 - tail : tail;
  } else {
    result.p_harm = kit::t_upper_tail(result.df, (harm - margin) / result.error);
    result.p_gain = kit::t_upper_tail(result.df, (-harm - margin) / result.error);
  }
  if (margin == 0 && session_spread == 0) {  // neither ranks nor speeds of the host know of these
    if (e.ranked) {
      ++result.tests;
      result.p_harm = std::min(result.p_harm, higher_is_better ? e.ranks.smaller : e.ranks.larger);
      result.p_gain = std::min(result.p_gain, higher_is_better ? e.ranks.larger : e.ranks.smaller);
    }
    if (e.levelled.possible) add_levelled(e.levelled, higher_is_better, result);
    result.p_harm = std::min(1.0, result.tests * result.p_harm);
    result.p_gain = std::min(1.0, result.tests * result.p_gain);
  }
  KTSTR_ASSERT(!(result.p_harm < 0 || result.p_harm > 1 || result.p_gain < 0 || result.p_gain > 1));
  return result;
}

}  // namespace ktstr::fdr
