// SPDX-License-Identifier: Apache-2.0
#include "compare/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

namespace ktstr {
namespace {

/// What a verdict may leave unsaid.
constexpr double ktstr_verdict::*kFigures[] = {
    &ktstr_verdict::effect_abs, &ktstr_verdict::effect_rel, &ktstr_verdict::statistic, &ktstr_verdict::df,
    &ktstr_verdict::p_value,    &ktstr_verdict::q_value,    &ktstr_verdict::ratio,     &ktstr_verdict::ci_low,
    &ktstr_verdict::ci_high,    &ktstr_verdict::mde};

void set_text(ktstr_verdict& verdict, const std::string& text) {
  std::size_t length = std::min(text.size(), sizeof verdict.text - 1);
  if (length < text.size()) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
      --length;  // no half code point
  }
  KTSTR_ASSERT(length < sizeof verdict.text);
  text.copy(verdict.text, length);
  verdict.text[length] = '\0';
}

}  // namespace

ktstr_verdict combine_verdicts(const std::vector<const ktstr_verdict*>& opinions) {
  KTSTR_ASSERT(!opinions.empty());
  ktstr_verdict combined = *opinions.front();
  bool all_regressed = true, all_improved = true, all_equivalent = true, any_says_no = false,
       any_unsure = false, all_unsure_underpowered = true;
  std::string text;
  for (const ktstr_verdict* opinion : opinions) {
    all_regressed = all_regressed && opinion->outcome == KTSTR_REGRESSED;
    all_improved = all_improved && opinion->outcome == KTSTR_IMPROVED;
    all_equivalent = all_equivalent && opinion->outcome == KTSTR_EQUIVALENT;
    any_says_no = any_says_no || opinion->outcome == KTSTR_UNCHANGED || opinion->outcome == KTSTR_EQUIVALENT;
    if (opinion->outcome == KTSTR_INCONCLUSIVE) {
      any_unsure = true;
      all_unsure_underpowered = all_unsure_underpowered && (opinion->flags & KTSTR_VERDICT_UNDERPOWERED) != 0;
    }
    combined.flags |= opinion->flags;
    for (double ktstr_verdict::*field : kFigures) {
      if (std::isnan(combined.*field)) combined.*field = opinion->*field;
    }
    if (opinion->text[0] != '\0') text += (text.empty() ? "" : "; ") + std::string(opinion->text);
  }
  // Gates that contradict each other (one says better, one worse) are no finding either.
  combined.outcome = all_regressed                ? KTSTR_REGRESSED
                     : all_improved               ? KTSTR_IMPROVED
                     : all_equivalent             ? KTSTR_EQUIVALENT
                     : !any_says_no && any_unsure ? KTSTR_INCONCLUSIVE
                                                  : KTSTR_UNCHANGED;
  if (combined.outcome == KTSTR_INCONCLUSIVE && !all_unsure_underpowered)
    combined.flags &= ~KTSTR_VERDICT_UNDERPOWERED;
  KTSTR_ASSERT(combined.outcome <= KTSTR_INCONCLUSIVE);
  set_text(combined, text);
  return combined;
}

void overrule(ktstr_verdict& verdict, std::uint32_t outcome, const std::string& reason) {
  KTSTR_ASSERT(outcome <= KTSTR_INCONCLUSIVE);
  verdict.outcome = outcome;
  verdict.flags &= ~KTSTR_VERDICT_UNDERPOWERED;
  set_text(verdict, reason + (verdict.text[0] == '\0' ? "" : "; " + std::string(verdict.text)));
}

ktstr_verdict settled_verdict(std::uint32_t outcome, const std::string& text) {
  KTSTR_ASSERT(outcome <= KTSTR_INCONCLUSIVE);
  ktstr_verdict verdict{};
  verdict.size = sizeof verdict;
  verdict.outcome = outcome;
  for (double ktstr_verdict::*field : kFigures) verdict.*field = kit::kNaN;
  set_text(verdict, text);
  return verdict;
}

const char* verdict_name(std::uint32_t outcome) {
  switch (outcome) {
    case KTSTR_UNCHANGED: return "unchanged";
    case KTSTR_IMPROVED: return "improved";
    case KTSTR_REGRESSED: return "regressed";
    case KTSTR_EQUIVALENT: return "equivalent";
    default: return "inconclusive";
  }
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
  return overall == Overall::kFail           ? ExitCode::kFailed
         : overall == Overall::kInconclusive ? ExitCode::kInconclusive
                                             : ExitCode::kFine;
}

void VerdictCounter::add(const std::string& metric, std::uint32_t polarity, const ktstr_verdict& verdict,
                         bool declared, const std::string& family) {
  const std::uint32_t outcome = verdict.outcome;
  if (outcome == KTSTR_REGRESSED) regressed_metrics_.push_back(metric);
  const bool changed = outcome == KTSTR_REGRESSED || outcome == KTSTR_IMPROVED;
  if (polarity == KTSTR_INFORMATIONAL) {
    ++(changed ? counts_.informational : counts_.unchanged);
    return;
  }
  KTSTR_ASSERT(outcome <= KTSTR_INCONCLUSIVE);  // combined by the host, whatever the gates said
  ++counts_.gating;
  adjusted_ = adjusted_ || std::isfinite(verdict.q_value);
  const bool underpowered = (verdict.flags & KTSTR_VERDICT_UNDERPOWERED) != 0;
  if (changed || outcome == KTSTR_EQUIVALENT || (outcome == KTSTR_UNCHANGED && !underpowered)) ++decided_;
  switch (outcome) {
    case KTSTR_REGRESSED:
      ++counts_.regressed;
      counts_.declared_regressed += declared ? 1 : 0;
      regressed_families_.insert(family.empty() ? "row " + std::to_string(counts_.regressed) : family);
      counts_.regressed_families = regressed_families_.size();
      break;
    case KTSTR_IMPROVED: ++counts_.improved; break;
    case KTSTR_EQUIVALENT: ++counts_.equivalent; break;
    case KTSTR_INCONCLUSIVE:
      ++counts_.inconclusive;
      counts_.underpowered += underpowered ? 1 : 0;
      break;
    default: ++counts_.unchanged; break;
  }
}

void VerdictCounter::stands_for(const std::string& metric, const ktstr_verdict& verdict) {
  if (verdict.outcome == KTSTR_REGRESSED) regressed_metrics_.push_back(metric);
}

std::vector<std::string> VerdictCounter::tripped(const GatePolicy& policy) const {
  std::vector<std::string> out;
  for (const std::string& metric : policy.must_fail) {
    if (std::find(regressed_metrics_.begin(), regressed_metrics_.end(), metric) != regressed_metrics_.end())
      out.push_back(metric);
  }
  return out;
}

std::uint64_t VerdictCounter::threshold(const GatePolicy& policy) const {
  return policy.fail_threshold.value_or(policy.by_family && adjusted_ ? 1 : 5);
}

bool VerdictCounter::reached(const GatePolicy& policy) const {
  const std::uint64_t least = threshold(policy);
  return least > 0 && (policy.by_family ? counts_.regressed_families : counts_.regressed) >= least;
}

Overall VerdictCounter::overall(const GatePolicy& policy) const {
  if (counts_.rows() == 0) return Overall::kEmpty;
  KTSTR_ASSERT(counts_.regressed_families <= counts_.regressed && decided_ <= counts_.gating);
  KTSTR_ASSERT(counts_.underpowered <= counts_.inconclusive &&
               counts_.declared_regressed <= counts_.regressed);
  if (reached(policy)) return Overall::kFail;
  if (counts_.declared_regressed > 0 || !tripped(policy).empty()) return Overall::kFail;
  if (counts_.did_not_happen > 0 || counts_.inconclusive > counts_.underpowered)
    return Overall::kInconclusive;
  return counts_.underpowered > 0 && decided_ == 0 ? Overall::kInconclusive : Overall::kPass;
}

Status check_must_fail(const std::vector<std::string>& names, const MetricRegistry& metrics, bool repeated) {
  for (const std::string& name : names) {
    const Metric* metric = metrics.find_path(name);
    if (metric == nullptr) {
      return usage_error(
          "--must-fail: there is no metric \"" + printable(name) + "\"" + metrics.path_suggestion(name),
          "ktstr stats list-metrics shows all");
    }
    if (metric->has(Metric::kComponent))
      return usage_error("--must-fail: " + name + " is a part of a rate and never judged by itself");
    if (metric->kind == MetricKind::kPerPhase)
      return usage_error("--must-fail: " + name +
                         " exists for single phases only and cannot gate whole runs");
    if (!metric->compares(repeated))
      return usage_error("--must-fail: " + name +
                         " is one value a run whose spread is the point; it needs --noise-adjust");
    if (metric->polarity == KTSTR_INFORMATIONAL && !repeated) {
      return usage_error(
          "--must-fail: " + name + " is informational: a single stored value of it never gates",
          "repeated runs may: --noise-adjust N");
    }
  }
  return Ok{};
}

}  // namespace ktstr
