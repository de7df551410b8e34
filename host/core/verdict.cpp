// SPDX-License-Identifier: Apache-2.0
#include "core/verdict.hpp"

#include <algorithm>
#include <cmath>

#include "support/text.hpp"

namespace ktstr {

ktstr_verdict combine_verdicts(const std::vector<const ktstr_verdict*>& opinions) {
  ktstr_verdict combined = *opinions.front();
  bool all_regressed = true, all_improved = true, all_equivalent = true, any_says_no = false, any_unsure = false;
  std::string text;
  for (const ktstr_verdict* opinion : opinions) {
    all_regressed = all_regressed && opinion->outcome == KTSTR_REGRESSED;
    all_improved = all_improved && opinion->outcome == KTSTR_IMPROVED;
    all_equivalent = all_equivalent && opinion->outcome == KTSTR_EQUIVALENT;
    any_says_no = any_says_no || opinion->outcome == KTSTR_UNCHANGED || opinion->outcome == KTSTR_EQUIVALENT;
    any_unsure = any_unsure || opinion->outcome == KTSTR_INCONCLUSIVE;
    combined.flags |= opinion->flags;
    for (double ktstr_verdict::*field : {&ktstr_verdict::effect_abs, &ktstr_verdict::effect_rel, &ktstr_verdict::statistic, &ktstr_verdict::df, &ktstr_verdict::p_value,
                                         &ktstr_verdict::q_value, &ktstr_verdict::ratio, &ktstr_verdict::ci_low, &ktstr_verdict::ci_high, &ktstr_verdict::mde}) {
      if (std::isnan(combined.*field)) combined.*field = opinion->*field;
    }
    if (opinion->text[0] != '\0') text += (text.empty() ? "" : "; ") + std::string(opinion->text);
  }
  // Gates that contradict each other (one says better, one worse) are no finding either.
  combined.outcome = all_regressed   ? KTSTR_REGRESSED
                     : all_improved  ? KTSTR_IMPROVED
                     : all_equivalent ? KTSTR_EQUIVALENT
                     : !any_says_no && any_unsure ? KTSTR_INCONCLUSIVE
                                                  : KTSTR_UNCHANGED;
  std::size_t length = std::min(text.size(), sizeof combined.text - 1);
  if (length < text.size()) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;  // no half code point
  }
  text.copy(combined.text, length);
  combined.text[length] = '\0';
  return combined;
}

const char* overall_name(Overall overall) {
  switch (overall) {
    case Overall::kPass: return "pass";
    case Overall::kFail: return "fail";
    case Overall::kEmpty: return "empty";
    case Overall::kInconclusive: return "inconclusive";
  }
  return "unknown";
}

ExitCode exit_code_of(Overall overall) {
  return overall == Overall::kFail ? ExitCode::kFailed : overall == Overall::kInconclusive ? ExitCode::kInconclusive : ExitCode::kFine;
}

void VerdictCounter::add(const std::string& metric, std::uint32_t polarity, std::uint32_t outcome) {
  const bool changed = outcome == KTSTR_REGRESSED || outcome == KTSTR_IMPROVED;
  if (polarity == KTSTR_INFORMATIONAL) {
    ++(changed ? counts_.informational : counts_.unchanged);
    return;
  }
  if (outcome == KTSTR_REGRESSED) {
    ++counts_.regressed;
    regressed_metrics_.push_back(metric);
  } else if (outcome == KTSTR_IMPROVED) {
    ++counts_.improved;
  } else if (outcome == KTSTR_INCONCLUSIVE) {
    ++counts_.inconclusive;
  } else {
    ++counts_.unchanged;
  }
}

std::vector<std::string> VerdictCounter::tripped(const GatePolicy& policy) const {
  std::vector<std::string> out;
  for (const std::string& metric : policy.must_fail) {
    if (std::find(regressed_metrics_.begin(), regressed_metrics_.end(), metric) != regressed_metrics_.end()) out.push_back(metric);
  }
  return out;
}

Overall VerdictCounter::overall(const GatePolicy& policy) const {
  const std::uint64_t rows = counts_.regressed + counts_.improved + counts_.unchanged + counts_.inconclusive + counts_.informational;
  if (rows == 0) return Overall::kEmpty;
  if (policy.fail_threshold > 0 && counts_.regressed >= policy.fail_threshold) return Overall::kFail;
  if (!tripped(policy).empty()) return Overall::kFail;
  return counts_.inconclusive > 0 ? Overall::kInconclusive : Overall::kPass;
}

Status check_must_fail(const std::vector<std::string>& names, const MetricRegistry& metrics, bool repeated) {
  for (const std::string& name : names) {
    const Metric* metric = metrics.find(name);
    if (metric == nullptr) {
      return usage_error("--must-fail: there is no metric \"" + printable(name) + "\"" + suggestion(name, metrics.names()), "ktstr stats list-metrics shows all");
    }
    if (metric->has(Metric::kComponent)) return usage_error("--must-fail: " + name + " is a part of a rate and never judged by itself");
    if (metric->kind == MetricKind::kPerPhase) return usage_error("--must-fail: " + name + " exists for single phases only and cannot gate whole runs");
    if (!metric->compares(repeated)) return usage_error("--must-fail: " + name + " is one value a run whose spread is the point; it needs --noise-adjust");
    if (metric->polarity == KTSTR_INFORMATIONAL) return usage_error("--must-fail: " + name + " is informational and never gates");
  }
  return Ok{};
}

}  // namespace ktstr
