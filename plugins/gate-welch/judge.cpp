// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/sdk.hpp>
#include <limits>

#include "welch.hpp"

namespace ktstr::welch {
namespace {

using Values = std::span<const double>;

Values values_of(const ktstr_samples& side) {
  return side.values == nullptr ? Values{} : Values(side.values, side.count);
}

bool all_finite(Values values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// The effect is the change of the host's estimates, which readers see, so that several gates speak of one
/// number. Means of the values stand in for a host that has none.
void fill_effect(const ktstr_comparison& comparison, const Summary& before, const Summary& after,
                 int exponent, ktstr_verdict& verdict) {
  double from = comparison.baseline_estimate, to = comparison.head_estimate;
  if (!std::isfinite(from) || !std::isfinite(to)) {
    from = std::ldexp(before.mean, exponent);
    to = std::ldexp(after.mean, exponent);
  }
  const double delta = to - from;
  verdict.effect_abs = delta;
  verdict.effect_rel = kit::relative_change(from, to);
}

void fill_test(const Summary& before, const Summary& after, const WelchTest& result, double alpha,
               ktstr_verdict& verdict) {
  if (before.mean > 0 && after.mean >= 0) verdict.ratio = after.mean / before.mean;
  if (!result.possible) {
    // Neither side varies, so there is no variance to test with. The exact test on ranks needs none, and
    // never claims certainty.
    if (before.mean == after.mean) verdict.statistic = 0;
    verdict.p_value = before.mean == after.mean ? 1 : kit::disjoint_by_chance(before.n, after.n);
    return;
  }
  verdict.statistic = result.t;
  verdict.df = result.df;
  verdict.p_value = result.p;
  const Interval interval = ratio_interval(after, before, result);
  verdict.ci_low = interval.low;
  verdict.ci_high = interval.high;
  if (before.mean != 0) verdict.mde = detectable_difference(result, alpha) / std::fabs(before.mean);
}

/// Either rule may separate them; half of that is a regression. Without spread there is no luck.
double separated_by_luck(const Summary& before, const Summary& after, double alpha) {
  if (before.deviation == 0 && after.deviation == 0) return 0;
  const std::uint64_t runs = std::min(before.n, after.n);
  return std::max(kit::disjoint_by_chance(runs, runs), alpha) / 2;
}

void explain(const ktstr_comparison& comparison, const Summary& before, const Summary& after, bool by_test,
             bool by_bands, ktstr_verdict& verdict) {
  const bool spread = before.min != before.max || after.min != after.max;
  if (comparison.metric_class == KTSTR_CLASS_EXACT && spread) {
    sdk::copy_text(verdict.text, "an exact metric varies between runs");
  } else if (by_bands && !by_test) {
    sdk::copy_text(verdict.text, std::string(spread ? "only the min-max bands are disjoint"
                                                    : "no spread on either side, bands are disjoint") +
                                     " (" +
                                     kit::significant(kit::disjoint_by_chance(before.n, after.n) * 100, 2) +
                                     " % by chance)");
  }
}

}  // namespace

void judge(const ktstr_comparison& comparison, double alpha, ktstr_verdict& verdict) {
  const Values baseline = values_of(*comparison.baseline), head = values_of(*comparison.head);
  if (baseline.size() < 2 || head.size() < 2) {
    verdict.outcome = KTSTR_INCONCLUSIVE;
    sdk::copy_text(verdict.text, "needs at least 2 runs a side, has " + std::to_string(baseline.size()) +
                                     " and " + std::to_string(head.size()));
    return;
  }
  if (!all_finite(baseline) || !all_finite(head)) {
    verdict.outcome = KTSTR_INCONCLUSIVE;
    sdk::copy_text(verdict.text, "a value is not a finite number");
    return;
  }
  if ((comparison.flags & KTSTR_COMPARISON_DETERMINISTIC) != 0 &&
      std::equal(baseline.begin(), baseline.end(), head.begin(), head.end())) {
    // In virtual time the seeds make the spread, and both sides had the same ones: there is no noise that
    // could have hidden anything.
    verdict.outcome = KTSTR_UNCHANGED;
    verdict.effect_abs = verdict.effect_rel = verdict.statistic = verdict.mde = 0;
    verdict.p_value = verdict.ratio = verdict.ci_low = verdict.ci_high = 1;
    sdk::copy_text(verdict.text, "identical");
    return;
  }
  const int exponent = common_exponent(baseline, head);
  const Summary before = summarise(baseline, exponent), after = summarise(head, exponent);
  const WelchTest result = test(after, before);
  fill_effect(comparison, before, after, exponent, verdict);
  fill_test(before, after, result, alpha, verdict);

  verdict.false_alarm = separated_by_luck(before, after, alpha);
  const bool by_test = result.possible && result.p < alpha;
  const bool by_bands = before.max < after.min || after.max < before.min;
  verdict.flags |=
      (by_test ? KTSTR_VERDICT_SEPARATED_T : 0U) | (by_bands ? KTSTR_VERDICT_SEPARATED_BANDS : 0U);
  explain(comparison, before, after, by_test, by_bands, verdict);
  if (!by_test && !by_bands) {
    verdict.outcome = KTSTR_UNCHANGED;
    return;
  }
  const bool worse =
      comparison.polarity == KTSTR_HIGHER_IS_BETTER ? after.mean < before.mean : after.mean > before.mean;
  verdict.outcome = worse ? KTSTR_REGRESSED : KTSTR_IMPROVED;
}

}  // namespace ktstr::welch
