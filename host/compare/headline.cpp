// SPDX-License-Identifier: Apache-2.0
#include "compare/headline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

constexpr const char* kOneRun = "one run a side cannot tell noise from change";

std::string chance(const MetricFinding& finding) {
  const bool adjusted = std::isfinite(finding.q_value);
  const double p = adjusted ? finding.q_value : finding.p_value;
  if (!std::isfinite(p)) return {};
  return std::string(adjusted ? "q" : "p") + (p < 0.001 ? "<0.001" : "=" + significant(p, 2));
}

std::string plural(std::uint64_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string joined_with(const std::string& text, const std::string& more) {
  return text + (text.empty() || more.empty() ? "" : ", ") + more;
}

/// "5", "1 family"
std::string limit(const JudgedFacts& facts) {
  return facts.by_family ? plural(facts.fail_threshold, "family", "families")
                         : std::to_string(facts.fail_threshold);
}

/// The rule that fails the build, in so many words.
std::string why_it_fails(const JudgedFacts& facts) {
  std::vector<std::string> why;
  if (facts.reached) {
    why.push_back(
        (facts.by_size_alone.empty() ? "" : "with the gate " + printable(facts.by_size_alone) + " alone ") +
        "the build fails from " + limit(facts) + " on" +
        (!facts.by_size_alone.empty() && facts.suspects > 0 ? ", noise or not" : ""));
  }
  if (!facts.must_fail.empty()) why.push_back("--must-fail names " + join(facts.must_fail, ", "));
  if (facts.counts.declared_regressed > 0)
    why.push_back(plural(facts.counts.declared_regressed, "gate", "gates") + " that tests declare");
  return join(why, "; ");
}

/// "timer latency …, the worst of 6 metrics in 2 families that got worse"
std::string what_got_worse(const JudgedFacts& facts) {
  KTSTR_ASSERT(facts.suspects <= facts.counts.regressed);
  if (!facts.worst)
    return facts.must_fail.empty() ? std::string()
                                   : "an informational metric moved: " + join(facts.must_fail, ", ");
  std::string text = sentence_of(*facts.worst);
  const bool suspects = facts.suspects > 0 && facts.suspects == facts.counts.regressed;
  if (facts.counts.regressed > 1) {
    text += ", the worst of " + counted_findings(facts.counts.regressed, facts.counts.regressed_families) +
            (suspects ? " that look worse" : " that got worse");
  }
  return text + (suspects ? std::string(": ") + (facts.counts.regressed > 1 ? "suspects" : "a suspect") +
                                ", " + kOneRun
                          : "");
}

std::string seen(const JudgedFacts& facts) {
  const std::uint64_t known = facts.sight.sighted() + facts.sight.blind;
  return std::to_string(facts.sight.sighted()) + " of " + plural(known, "metric", "metrics") +
         " could have shown a change of their own gate's size";
}

/// No row's regression would have counted: there was no question, so there is no answer.
std::string nothing_gated(const JudgedFacts& facts) {
  if (facts.overcommitted > 0) {
    return "nothing could be judged: in real time, guests with more CPUs than the host has for them turn "
           "numbers "
           "either way (" +
           plural(facts.overcommitted, "metric", "metrics") +
           " left to look at); --deterministic measures in virtual time";
  }
  return "nothing was judged: no metric that both sides have gates (" +
         plural(facts.counts.rows(), "informational metric", "informational metrics") + ")";
}

std::string did_not_come_about(const JudgedFacts& facts) {
  return plural(facts.counts.did_not_happen, "figure", "figures") +
         " of the baseline did not come about on HEAD at all (" + facts.runs.text() + ")";
}

/// Nothing can have changed, whatever the numbers say.
JudgedConclusion nothing_differs(const JudgedFacts& facts) {
  const std::uint64_t moved = facts.counts.regressed + facts.counts.improved;
  const std::string runs = facts.runs.text();
  if (facts.counts.did_not_happen > 0) {
    return {Overall::kInconclusive,
            "same scheduler, kernel and manifests on both sides, and yet " + did_not_come_about(facts)};
  }
  if (moved == 0 && facts.counts.inconclusive > facts.counts.underpowered) {
    return {Overall::kInconclusive,
            "same scheduler, kernel and manifests on both sides, but not everything could be judged" +
                (facts.undecided.empty() ? std::string() : ": " + facts.undecided) + " (" + runs + ")"};
  }
  if (moved == 0 && facts.judged != Overall::kFail)
    return {Overall::kPass,
            "same scheduler, kernel and manifests on both sides, and no metric moved past its gate (" + runs +
                ")"};
  const std::string count = std::to_string(facts.counts.regressed) + " worse, " +
                            std::to_string(facts.counts.improved) + " better, " + runs;
  if (facts.virtual_time)
    return {Overall::kInconclusive,
            "same scheduler, kernel and manifests on both sides, and yet virtual time differs (" + count +
                "): these runs do not repeat"};
  const Overall overall = facts.judged == Overall::kPass ? Overall::kPass : Overall::kInconclusive;
  return {overall, "same scheduler on both sides: every difference is noise (" + count + ")"};
}

JudgedConclusion passed(const JudgedFacts& facts) {
  KTSTR_ASSERT(facts.judged == Overall::kPass);
  const std::string runs = facts.runs.text();
  const bool one_run = facts.runs.most == 1 && !facts.virtual_time;
  if (facts.counts.regressed > 0) {
    const std::string below = facts.fail_threshold == 0
                                  ? std::string("counting is off")
                                  : "below the " + limit(facts) + " that fail the build";
    return {Overall::kPass, what_got_worse(facts) + "; " + below};
  }
  if (!facts.by_size_alone.empty())
    return {Overall::kPass, "no metric got worse than its gate allows (" +
                                joined_with(runs, one_run ? "which says nothing of noise" : "") + ")"};
  const bool unknown = facts.sight.sighted() + facts.sight.blind == 0;
  const std::string sight =
      unknown ? "whether a change could have shown, the gate does not say" : seen(facts);
  return {Overall::kPass, "no metric got worse: " + sight + " (" + runs + ")"};
}

}  // namespace

std::string amount_text(double value, std::string_view unit) {
  constexpr std::array<std::pair<std::string_view, double>, 4> kTimes = {
      {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}}};
  for (const auto& [name, scale] : kTimes) {
    if (unit != name || value == 0) continue;
    std::size_t best = 0;
    while (best + 1 < kTimes.size() && std::fabs(value * scale) >= kTimes[best + 1].second) ++best;
    KTSTR_ASSERT(best < kTimes.size());
    return significant(value * scale / kTimes[best].second, 4) + " " + std::string(kTimes[best].first);
  }
  const bool large = std::fabs(value) >= 1e4 && std::fabs(value) < 1e15;
  return (large ? fixed(value, 0) : significant(value, 4)) + (unit.empty() ? "" : " " + std::string(unit));
}

std::string change_text(double relative) {
  if (!std::isfinite(relative)) return {};
  if (relative >= 9) return "x " + significant(1 + relative, 3);
  return (relative < 0 ? "" : "+") + significant(relative * 100, 3) + " %";
}

void RunsASide::add(std::uint64_t runs) {
  least = most == 0 ? runs : std::min(least, runs);
  most = std::max(most, runs);
  KTSTR_ASSERT(least <= most);
}

std::string RunsASide::text() const {
  if (most == 0) return {};
  if (least == most) return plural(most, "run", "runs") + " a side";
  return std::to_string(least) + " to " + std::to_string(most) + " runs a side";
}

std::string counted_findings(std::uint64_t metrics, std::uint64_t families) {
  KTSTR_ASSERT(families <= metrics);  // each has one
  return plural(metrics, "metric", "metrics") + " in " + plural(families, "family", "families");
}

std::string sentence_of(const MetricFinding& finding) {
  if (!std::isfinite(finding.head)) {
    return finding.metric + " of " + finding.test + " did not come about on HEAD at all (" +
           joined_with(amount_text(finding.baseline, finding.unit) + " on the baseline",
                       finding.runs.text()) +
           ")";
  }
  const bool rose = finding.head > finding.baseline;
  std::string sure =
      joined_with(joined_with(change_text(finding.relative), chance(finding)), finding.runs.text());
  if (finding.virtual_time) sure = joined_with(sure, "virtual time");
  return finding.metric + " of " + finding.test + (rose ? " rose from " : " fell from ") +
         amount_text(finding.baseline, finding.unit) + " to " + amount_text(finding.head, finding.unit) +
         " (" + sure + ")";
}

JudgedConclusion conclude_rows(const JudgedFacts& facts) {
  if (!facts.failing.empty()) {
    const std::string worse = facts.judged == Overall::kEmpty ? std::string() : what_got_worse(facts);
    return {
        Overall::kFail,
        join(facts.failing, ", ") +
            " failed in every run on HEAD and in none of the baseline, which in virtual time is no accident" +
            (worse.empty() ? "" : "; of the rest, " + worse)};
  }
  if (facts.judged == Overall::kEmpty) return {};
  const bool can_fail = facts.judged == Overall::kFail || facts.counts.gating + facts.watched > 0;
  if (!can_fail) return {Overall::kInconclusive, nothing_gated(facts)};
  if (facts.same_program) return nothing_differs(facts);
  const std::string runs = facts.runs.text();
  const bool asked_for =
      facts.asked_for_count || !facts.must_fail.empty() || facts.counts.declared_regressed > 0;
  if (facts.judged == Overall::kFail) {
    const bool suspects = facts.suspects > 0 && facts.suspects == facts.counts.regressed;
    if (suspects && facts.by_size_alone.empty() && !asked_for)
      return {Overall::kInconclusive, what_got_worse(facts)};
    return {Overall::kFail, what_got_worse(facts) + "; " + why_it_fails(facts)};
  }
  const std::string besides = facts.counts.regressed > 0 ? "; " + what_got_worse(facts) : std::string();
  if (facts.judged == Overall::kInconclusive && facts.counts.did_not_happen > 0) {
    return {Overall::kInconclusive, did_not_come_about(facts) + besides};
  }
  if (facts.sight.too_dim(facts.least_sight)) {
    return {Overall::kInconclusive,
            "only " + seen(facts) + ", which is too few for a pass (" + runs + ")" + besides};
  }
  if (facts.judged == Overall::kInconclusive)
    return {Overall::kInconclusive, "not everything could be judged" +
                                        (facts.undecided.empty() ? std::string() : ": " + facts.undecided) +
                                        " (" + runs + ")" + besides};
  return passed(facts);
}

}  // namespace ktstr
