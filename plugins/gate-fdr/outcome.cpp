// SPDX-License-Identifier: Apache-2.0
#include "outcome.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/sdk.hpp>
#include <limits>

namespace ktstr::fdr {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Fewer runs of another session than this are advice, not a finding: their own spread is hardly known
/// either.
constexpr std::size_t kFewestCached = 3;

void inconclusive(ktstr_verdict& verdict, std::string_view why) {
  verdict.outcome = KTSTR_INCONCLUSIVE;
  sdk::copy_text(verdict.text, why);
}

double mean_of(const ktstr_samples& side) {
  double mean = 0;
  std::uint64_t n = 0;
  for (std::uint64_t i = 0; i < side.count; ++i) {
    if (std::isfinite(side.values[i])) mean += (side.values[i] - mean) / static_cast<double>(++n);
  }
  return n == 0 ? std::numeric_limits<double>::quiet_NaN() : mean;
}

/// The change as a fraction of the baseline. A metric that may be 0 has a ratio of shifted values only, so
/// there the estimates decide.
double relative_change(const Evidence& evidence, const Test& test, const ktstr_verdict& verdict) {
  if (test.levelled) return std::expm1(evidence.shift);
  return evidence.scale.plain || evidence.scale.offset > 0 ? verdict.effect_rel : std::expm1(evidence.shift);
}

bool is_advice(const ktstr_comparison& comparison, const Evidence& evidence) {
  return (comparison.flags & KTSTR_COMPARISON_CACHED) != 0 &&
         std::min(evidence.baseline_count, evidence.head_count) < kFewestCached;
}

void say(std::string& text, const std::string& part) { text += (text.empty() ? "" : "; ") + part; }

std::string counted(std::size_t n, const char* one, const char* many) {
  return std::to_string(n) + (n == 1 ? one : many);
}

}  // namespace

void fill_effect(const ktstr_comparison& comparison, ktstr_verdict& verdict) {
  double from = comparison.baseline_estimate, to = comparison.head_estimate;
  if (!std::isfinite(from) || !std::isfinite(to)) {
    from = mean_of(*comparison.baseline);
    to = mean_of(*comparison.head);
  }
  const double delta = to - from;
  verdict.effect_abs = delta;
  verdict.effect_rel = kit::relative_change(from, to);
}

bool judge_without_test(const ktstr_comparison& comparison, const Evidence& evidence, bool has_history,
                        ktstr_verdict& verdict) {
  const std::size_t before = evidence.baseline_count, after = evidence.head_count;
  if (comparison.baseline->count == 0 || comparison.head->count == 0) {
    inconclusive(verdict,
                 comparison.baseline->count == 0 ? "the baseline has no value" : "HEAD has no value");
    return true;
  }
  if (std::isnan(comparison.abs_gate) || std::isnan(comparison.rel_gate)) {
    inconclusive(verdict, "a gate is not a number");
    return true;
  }
  const bool settled = evidence.baseline_constant && evidence.head_constant && evidence.not_finite == 0;
  if (comparison.metric_class == KTSTR_CLASS_EXACT && before > 0 && after > 0 && settled) {
    const bool up = evidence.shift > 0;
    verdict.outcome = evidence.identical                                      ? KTSTR_UNCHANGED
                      : up == (comparison.polarity == KTSTR_HIGHER_IS_BETTER) ? KTSTR_IMPROVED
                                                                              : KTSTR_REGRESSED;
    if (!evidence.scale.plain && evidence.scale.offset == 0) verdict.ratio = std::exp(evidence.shift);
    return true;
  }
  if (evidence.paired && before == 0) {
    inconclusive(verdict, "no run of the baseline has a partner in HEAD");
    return true;
  }
  if (before >= 2 && after >= 2) return false;
  if (has_history && before >= 1 && after >= 1) return false;
  std::string text = evidence.paired ? "needs at least 2 pairs of runs, has " + std::to_string(before)
                                     : "needs at least 2 runs a side, has " + std::to_string(before) +
                                           " and " + std::to_string(after);
  if (evidence.not_finite > 0)
    say(text,
        counted(evidence.not_finite, " value is not a finite number", " values are not finite numbers"));
  inconclusive(verdict, text);
  return true;
}

double OutcomeWriter::critical_value(double df, double tail) {
  const auto [entry, is_new] = critical_.try_emplace({df, tail}, 0);
  if (is_new) entry->second = kit::t_critical(df, tail);
  return entry->second;
}

void OutcomeWriter::fill_interval(const ktstr_comparison& comparison, const Evidence& evidence,
                                  const Test& test, ktstr_verdict& verdict) {
  if (evidence.identical && (comparison.flags & KTSTR_COMPARISON_DETERMINISTIC) != 0) {
    verdict.ratio = verdict.ci_low = verdict.ci_high = 1;
    return;
  }
  if (evidence.scale.plain || std::isinf(verdict.effect_rel)) return;
  verdict.ratio = std::exp(evidence.shift);
  if (!test.possible) return;
  const double reach = critical_value(test.df, 0.025) * test.error;
  verdict.ci_low = std::exp(evidence.shift - reach);
  verdict.ci_high = std::exp(evidence.shift + reach);
}

bool OutcomeWriter::within_gate(const ktstr_comparison& comparison, const Evidence& evidence,
                                const Test& test, const ktstr_verdict& verdict) {
  if (!test.possible || evidence.scale.plain || evidence.scale.offset > 0) return false;
  const double reach = critical_value(test.df, 0.05) * test.error;
  const double furthest =
      std::max(std::fabs(std::expm1(evidence.shift - reach)), std::fabs(std::expm1(evidence.shift + reach)));
  // A change must reach both gates to matter, so staying inside one of them is enough.
  const double baseline = verdict.effect_rel != 0 && std::isfinite(verdict.effect_rel)
                              ? std::fabs(verdict.effect_abs / verdict.effect_rel)
                              : mean_of(*comparison.baseline);
  return furthest < comparison.rel_gate || furthest * baseline < comparison.abs_gate;
}

/// The shift that would have been found with the usual power.
double OutcomeWriter::detectable(const Evidence& evidence, const Adjusted& adjusted) {
  // Of min(p) * 2 with the rank test's the t test has half the level, of min(p) * 3 a third.
  const double tests = std::max(evidence.ranked && options_.margin == 0 ? 2.0 : 1.0, adjusted.test.tests);
  return detectable_(adjusted.test.df, adjusted.level / tests) * adjusted.test.error;
}

/// The same as a fraction of the baseline; NaN where there are no ratios.
double OutcomeWriter::detectable_change(const ktstr_comparison& comparison, const Evidence& evidence,
                                        const Adjusted& adjusted) {
  if (evidence.scale.plain) return std::numeric_limits<double>::quiet_NaN();
  const double shift = detectable(evidence, adjusted);
  return comparison.polarity == KTSTR_HIGHER_IS_BETTER ? -std::expm1(-shift) : std::expm1(shift);
}

/// Sides that are equal promise nothing by themselves: a change of the gate's size would have been tested
/// like any other, at the same level. Without anything to test with it would have been inconclusive, which
/// hides nothing.
bool OutcomeWriter::could_hide_in_equality(const ktstr_comparison& comparison, const Evidence& evidence,
                                           const Adjusted& adjusted) {
  if ((comparison.flags & KTSTR_COMPARISON_DETERMINISTIC) != 0 || !(adjusted.test.error > 0)) return false;
  const double baseline = mean_of(*comparison.baseline),
               size = std::max(comparison.rel_gate * std::fabs(baseline), comparison.abs_gate);
  if (!(size > 0)) return false;
  const double harmed = comparison.polarity == KTSTR_HIGHER_IS_BETTER ? baseline - size : baseline + size;
  if (!evidence.scale.plain && harmed + evidence.scale.offset <= 0)
    return false;  // all of it gone: no logarithm is as large
  return !(detectable(evidence, adjusted) <= std::fabs(evidence.scale(harmed) - evidence.scale(baseline)));
}

void OutcomeWriter::explain(const ktstr_comparison& comparison, const Evidence& evidence,
                            const Adjusted& adjusted, ktstr_verdict& verdict) {
  std::string text;
  if (comparison.metric_class == KTSTR_CLASS_EXACT) say(text, "an exact metric varies between runs");
  if (evidence.without_partner > 0)
    say(text, counted(evidence.without_partner, " run without a partner left out",
                      " runs without a partner left out"));
  if (evidence.not_finite > 0)
    say(text, counted(evidence.not_finite, " value that is no finite number left out",
                      " values that are no finite numbers left out"));
  if (comparison.metric_class == KTSTR_CLASS_EXTREME && !options_.extremes)
    say(text, "an extreme: shown, does not gate");
  if (evidence.scale.plain) say(text, "values below 0: judged by differences, not ratios");
  if (adjusted.test.levelled) say(text, "as if the host had served both sides alike, which it did not");
  if (evidence.identical) say(text, "identical");
  if (verdict.outcome == KTSTR_INCONCLUSIVE && is_advice(comparison, evidence))
    say(text, "fewer than 3 runs a side of another session: advice only");
  if (!adjusted.test.possible && !evidence.identical) say(text, "no spread in any run, cannot test");
  if (verdict.outcome == KTSTR_INCONCLUSIVE && adjusted.test.possible && verdict.mde > comparison.rel_gate) {
    const double runs = static_cast<double>(std::max(evidence.baseline_count, evidence.head_count));
    const std::string gate = kit::significant(comparison.rel_gate * 100, 2) + " %";
    const double needed =
        std::ceil(runs * std::pow(std::log1p(verdict.mde) / std::log1p(comparison.rel_gate), 2));
    if (verdict.mde < 10 && needed < 1e6) {
      say(text, "would have shown " + kit::significant(verdict.mde * 100, 2) + " %; " + gate +
                    " needs about " + kit::fixed(needed, 0) + " runs");
    } else {
      say(text, "too noisy to show " + gate);
    }
  }
  sdk::copy_text(verdict.text, text);
}

void OutcomeWriter::operator()(const ktstr_comparison& comparison, const Evidence& evidence,
                               const Adjusted& adjusted, ktstr_verdict& verdict) {
  const Test& test = adjusted.test;
  const bool higher_is_better = comparison.polarity == KTSTR_HIGHER_IS_BETTER;
  fill_interval(comparison, evidence, test, verdict);
  if (test.possible) {
    verdict.statistic = test.t;
    verdict.df = test.df;
    verdict.mde = detectable_change(comparison, evidence, adjusted);
  } else if (evidence.identical) {
    verdict.statistic = 0;
    if ((comparison.flags & KTSTR_COMPARISON_DETERMINISTIC) != 0) verdict.mde = 0;
  }

  const double change = relative_change(evidence, test, verdict);
  const bool up = evidence.shift > 0, gain = up == higher_is_better;
  const bool relative = evidence.shift != 0 && std::fabs(change) >= comparison.rel_gate && (change > 0) == up;
  const double effect = test.levelled ? change * mean_of(*comparison.baseline) : verdict.effect_abs;
  const bool absolute =
      evidence.shift != 0 && (comparison.abs_gate <= 0 || (up ? effect : -effect) >= comparison.abs_gate);
  const bool separated = std::min(adjusted.q_harm, adjusted.q_gain) <= options_.q;
  const bool improved = gain && adjusted.q_gain <= options_.q,
             regressed = !gain && adjusted.q_harm <= options_.q;
  verdict.flags |= (separated ? KTSTR_VERDICT_SEPARATED_T : 0U) |
                   (evidence.disjoint ? KTSTR_VERDICT_SEPARATED_BANDS : 0U) |
                   (absolute ? KTSTR_VERDICT_MATERIAL_ABS : 0U) |
                   (relative ? KTSTR_VERDICT_MATERIAL_REL : 0U);
  verdict.p_value = improved ? test.p_gain : test.p_harm;
  verdict.q_value = improved ? adjusted.q_gain : adjusted.q_harm;

  const bool blind = test.possible && comparison.rel_gate > 0 && !(verdict.mde <= comparison.rel_gate);
  if (comparison.metric_class == KTSTR_CLASS_EXTREME && !options_.extremes) {
    verdict.outcome = KTSTR_UNCHANGED;
    if (blind) verdict.flags |= KTSTR_VERDICT_UNDERPOWERED;
  } else if ((improved || regressed) && absolute && relative) {
    verdict.outcome = is_advice(comparison, evidence) ? KTSTR_INCONCLUSIVE
                      : improved                      ? KTSTR_IMPROVED
                                                      : KTSTR_REGRESSED;
  } else if (evidence.identical) {
    verdict.outcome = KTSTR_UNCHANGED;
    if (could_hide_in_equality(comparison, evidence, adjusted)) {
      verdict.flags |= KTSTR_VERDICT_UNDERPOWERED;
      verdict.mde = detectable_change(comparison, evidence, adjusted);
    }
  } else if (within_gate(comparison, evidence, test, verdict)) {
    verdict.outcome = KTSTR_EQUIVALENT;
  } else {
    verdict.outcome = blind || !test.possible ? KTSTR_INCONCLUSIVE : KTSTR_UNCHANGED;
    if (blind) verdict.flags |= KTSTR_VERDICT_UNDERPOWERED;
  }
  explain(comparison, evidence, adjusted, verdict);
}

}  // namespace ktstr::fdr
