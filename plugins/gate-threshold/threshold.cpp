// SPDX-License-Identifier: Apache-2.0
#include "threshold.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/cpp/noise.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/sdk.hpp>
#include <limits>

namespace ktstr::threshold {
namespace {

void inconclusive(ktstr_verdict& verdict, std::string_view why) {
  verdict.outcome = KTSTR_INCONCLUSIVE;
  sdk::copy_text(verdict.text, why);
}

bool varies(const ktstr_samples& side) {
  return side.values != nullptr &&
         std::any_of(side.values, side.values + side.count, [&](double v) { return v != side.values[0]; });
}

void explain(bool absolute, bool relative, double abs_gate, double rel_gate, ktstr_verdict& verdict) {
  if (absolute && !relative) {
    sdk::copy_text(verdict.text, "below the relative gate of " + kit::significant(rel_gate * 100, 4) + " %");
  } else if (relative && !absolute) {
    sdk::copy_text(verdict.text, "below the absolute gate of " + kit::significant(abs_gate, 4));
  }
}

/// By noise alone, in one direction; NaN when no noise is known.
double reached_by_luck(const ktstr_comparison& comparison, double rel_gate) {
  const double noise = sdk::log_deviation(comparison);
  const auto runs = static_cast<double>(std::min(comparison.baseline->count, comparison.head->count));
  if (!(noise > 0)) return noise;  // 0, or unknown
  return rel_gate > 0 ? kit::normal_tail(std::log1p(rel_gate) / (noise * std::sqrt(2 / runs))) : 0.5;
}

}  // namespace

void judge(const ktstr_comparison& comparison, const Options& options, ktstr_verdict& verdict) {
  const double baseline = comparison.baseline_estimate, head = comparison.head_estimate;
  if (comparison.baseline->count == 0) return inconclusive(verdict, "the baseline has no value");
  if (comparison.head->count == 0) return inconclusive(verdict, "HEAD has no value");
  if (!std::isfinite(baseline) || !std::isfinite(head))
    return inconclusive(verdict, "a side is not a finite number");

  const bool exact = comparison.metric_class == KTSTR_CLASS_EXACT;
  const double abs_gate = exact ? 0 : comparison.abs_gate,
               rel_gate = exact ? 0 : options.rel_gate.value_or(comparison.rel_gate);
  if (std::isnan(abs_gate) || std::isnan(rel_gate)) return inconclusive(verdict, "a gate is not a number");

  const double delta = head - baseline;
  verdict.effect_abs = delta;
  verdict.effect_rel = kit::relative_change(baseline, head);
  if (baseline > 0 && head >= 0) verdict.ratio = head / baseline;
  if (exact && (varies(*comparison.baseline) || varies(*comparison.head)))
    sdk::copy_text(verdict.text, "an exact metric varies between runs");

  verdict.false_alarm = reached_by_luck(comparison, rel_gate);

  // A gate of 0 is reached by every change but not by none.
  const bool absolute = delta != 0 && std::fabs(delta) >= abs_gate,
             relative = delta != 0 && std::fabs(verdict.effect_rel) >= rel_gate;
  verdict.flags |=
      (absolute ? KTSTR_VERDICT_MATERIAL_ABS : 0U) | (relative ? KTSTR_VERDICT_MATERIAL_REL : 0U);
  if (!absolute || !relative) {
    verdict.outcome = KTSTR_UNCHANGED;
    explain(absolute, relative, abs_gate, rel_gate, verdict);
    return;
  }
  const bool worse = comparison.polarity == KTSTR_HIGHER_IS_BETTER ? delta < 0 : delta > 0;
  verdict.outcome = worse ? KTSTR_REGRESSED : KTSTR_IMPROVED;
}

}  // namespace ktstr::threshold
