// SPDX-License-Identifier: Apache-2.0
#include "delta/judged_facts.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

namespace ktstr {
namespace {

constexpr std::uint64_t kFewRows = 8;  // of less, half may well move together

bool in_virtual_time(const JudgedRow& row) {
  return (row.comparison->c_struct().flags & KTSTR_COMPARISON_DETERMINISTIC) != 0;
}

bool all_in_virtual_time(const Judgement& judgement) {
  return !judgement.rows.empty() &&
         std::all_of(judgement.rows.begin(), judgement.rows.end(), in_virtual_time);
}

RunsASide runs_of(const ktstr_comparison& comparison) {
  RunsASide runs;
  runs.add(comparison.baseline->count);
  runs.add(comparison.head->count);
  return runs;
}

/// The reason that most undecided rows share: "14 metrics: needs at least 2 runs a side, has 1 and 1".
std::string most_undecided(const Judgement& judgement) {
  std::map<std::string, std::size_t> reasons;
  for (const JudgedRow& row : judgement.rows) {
    const bool undecided = row.combined.outcome == KTSTR_INCONCLUSIVE &&
                           (row.combined.flags & KTSTR_VERDICT_UNDERPOWERED) == 0 && row.comparison->gates();
    if (undecided && row.combined.text[0] != '\0') ++reasons[printable(row.combined.text)];
  }
  const auto most = std::max_element(reasons.begin(), reasons.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == reasons.end()) return {};
  return std::to_string(most->second) + (most->second == 1 ? " metric: " : " metrics: ") + most->first;
}

/// Tests that passed in every run of the baseline and in none of HEAD.
std::vector<std::string> certainly_failing(const ComparisonSet& set) {
  std::vector<std::string> tests;
  for (const ScenarioRuns& runs : set.runs) {
    if (runs.key.time_source == "virtual" && is_total(runs.baseline, runs.head) && runs.head.failed > 0)
      tests.push_back(printable(runs.key.test));
  }
  return tests;
}

bool is_watched(const MetricComparison& comparison, const std::vector<std::string>& must_fail) {
  return std::any_of(must_fail.begin(), must_fail.end(),
                     [&](const std::string& name) { return comparison.is_named(name); });
}

/// Several runs that all gave one and the same number, and no gate says that it could have missed another
/// one: a change would have shown.
bool never_varies(const JudgedRow& row) {
  if ((row.combined.flags & KTSTR_VERDICT_UNDERPOWERED) != 0) return false;
  const ktstr_comparison& c = row.comparison->c_struct();
  const auto same = [&](const ktstr_samples& side) {
    return side.count >= 2 && std::all_of(side.values, side.values + side.count,
                                          [&](double v) { return v == c.baseline->values[0]; });
  };
  return c.baseline->count > 0 && same(*c.baseline) && same(*c.head);
}

}  // namespace

MetricFinding finding_of(const JudgedRow& row) {
  const ktstr_comparison& c = row.comparison->c_struct();
  std::string metric = printable(row.comparison->name());
  if (!row.comparison->phase().empty()) metric += " in " + printable(row.comparison->phase());
  return {printable(row.comparison->scenario().test),
          metric,
          printable(row.comparison->metric().unit),
          c.baseline_estimate,
          c.head_estimate,
          row.combined.effect_rel,
          row.combined.p_value,
          row.combined.q_value,
          in_virtual_time(row),
          runs_of(c)};
}

Sight sight_of(const Judgement& judgement) {
  std::vector<Detectable> rows;
  for (const JudgedRow& row : judgement.rows) {
    if (!row.comparison->gates()) continue;
    const ktstr_comparison& c = row.comparison->c_struct();
    const std::uint32_t outcome = row.combined.outcome;
    rows.push_back({row.combined.mde, size_of_gate(c), std::min(c.baseline->count, c.head->count),
                    outcome == KTSTR_REGRESSED || outcome == KTSTR_IMPROVED || outcome == KTSTR_EQUIVALENT ||
                        never_varies(row),
                    outcome == KTSTR_INCONCLUSIVE || (row.combined.flags & KTSTR_VERDICT_UNDERPOWERED) != 0});
  }
  return sight_of(rows);
}

JudgedFacts judged_facts(const Gates& gates, const PerfDeltaRequest& request, const DeltaOutcome& outcome) {
  const Judgement& judgement = outcome.judgement;
  const ComparisonSet& set = outcome.set;
  const VerdictCounter& counter = judgement.counter;
  const GatePolicy policy = gates.policy(request.verdict);
  JudgedFacts facts;
  facts.counts = counter.counts();
  facts.judged = counter.overall(policy);
  facts.fail_threshold = counter.threshold(policy);
  facts.by_family = policy.by_family;
  facts.asked_for_count = request.verdict.fail_threshold.has_value();
  facts.reached = counter.reached(policy);
  facts.must_fail = counter.tripped(policy);
  if (!request.repeats && gates.judge_by_size_alone()) facts.by_size_alone = join(gates.names(), "+");
  facts.repeated = request.repeats.has_value();
  facts.virtual_time = all_in_virtual_time(judgement);
  facts.same_program = set.same_program > 0 && set.same_program == set.scenarios - set.excluded;
  facts.undecided = most_undecided(judgement);
  if (request.repeats) facts.failing = certainly_failing(set);
  facts.sight = sight_of(judgement);
  facts.least_sight = request.least_sight;
  for (const JudgedRow& row : judgement.rows) {
    const MetricComparison& comparison = *row.comparison;
    // Of stored runs an informational value never fails, whoever asks.
    const bool may_fail = facts.repeated || comparison.rule().polarity != KTSTR_INFORMATIONAL;
    const bool watched = may_fail && is_watched(comparison, request.verdict.must_fail);
    facts.watched += watched ? 1 : 0;
    if (watched || comparison.gates()) {
      facts.runs.add(comparison.c_struct().baseline->count);
      facts.runs.add(comparison.c_struct().head->count);
    }
    const bool overcommitted =
        comparison.overcommitted() && comparison.rule().polarity != KTSTR_INFORMATIONAL;
    if (!comparison.gates()) {
      facts.overcommitted += overcommitted ? 1 : 0;
      continue;
    }
    if (row.combined.outcome != KTSTR_REGRESSED) continue;
    if (!facts.worst) facts.worst = finding_of(row);
    facts.suspects += is_suspect(comparison) ? 1 : 0;
  }
  KTSTR_ASSERT(facts.suspects <= facts.counts.regressed && facts.watched <= judgement.rows.size());
  return facts;
}

void remark_on_rows(const PerfDeltaRequest& request, DeltaOutcome& outcome) {
  const ComparisonSet& set = outcome.set;
  const VerdictCounts& counts = outcome.judgement.counter.counts();
  const std::uint64_t compared = set.scenarios - set.excluded, moved = counts.regressed + counts.improved;
  const bool other_trees = !request.axis && (outcome.commits.head_is_dirty ||
                                             outcome.commits.baseline_full != outcome.commits.head_full);
  if (set.same_scheduler > 0 && other_trees) {
    const std::string where =
        set.same_scheduler == compared
            ? std::string()
            : " in " + std::to_string(set.same_scheduler) + " of " + std::to_string(compared) + " scenarios";
    outcome.notes.push_back("both sides ran the same scheduler program" + where +
                            " although their trees differ: the change does not reach it, or both builds took "
                            "it from one place outside of their trees");
  }
  const bool stored = !request.repeats && !all_in_virtual_time(outcome.judgement);
  if (stored && counts.gating >= kFewRows && 2 * moved >= counts.gating && counts.regressed > 0 &&
      counts.improved > 0) {
    outcome.warnings.push_back(std::to_string(moved) + " of " + std::to_string(counts.gating) +
                               " metrics moved past their gates, " + std::to_string(counts.regressed) +
                               " for the worse and " + std::to_string(counts.improved) +
                               " for the better: so much change in both directions looks like another host "
                               "or load rather than another scheduler");
  }
}

}  // namespace ktstr
