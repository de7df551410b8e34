// SPDX-License-Identifier: Apache-2.0
#include "delta/delta_report.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "compare/conclusion.hpp"
#include "compare/insight.hpp"
#include "delta/judged_facts.hpp"
#include "delta/next_steps.hpp"
#include "delta/told_rows.hpp"

namespace ktstr {
namespace {

constexpr double kTooLucky = 0.05;

template <typename Strings>
json::array array_of(const Strings& strings) {
  return json::array(strings.begin(), strings.end());
}

json::object scenario_of(const ScenarioKey& key) {
  return {{"test", key.test},
          {"topology", key.topology},
          {"scheduler", key.scheduler},
          {"work_type", key.work_type},
          {"kernel", key.kernel}};
}

json::object counts_of(const PassCount& count) {
  return {{"passed", count.passed}, {"failed", count.failed}, {"total", count.total}};
}

const char* change_name(RateChange change) {
  switch (change) {
    case RateChange::kSame: return "unchanged";
    case RateChange::kUnclear: return "inconclusive";
    case RateChange::kWorse: return "regressed";
    case RateChange::kBetter: return "improved";
  }
  return "unchanged";
}

json::array pass_counts(const ComparisonSet& set) {
  json::array groups;
  for (const ScenarioRuns& runs : set.runs) {
    json::object group = scenario_of(runs.key);
    group["baseline"] = counts_of(runs.baseline);
    group["head"] = counts_of(runs.head);
    groups.push_back(std::move(group));
  }
  return groups;
}

json::array failure_rates(const ComparisonSet& set) {
  json::array changed;
  for (const ScenarioRuns& runs : set.runs) {
    const bool certain = runs.key.time_source == "virtual" && is_total(runs.baseline, runs.head);
    const RateChange change = compare_failure_rates(runs.baseline, runs.head, certain);
    if (change == RateChange::kSame) continue;
    json::object row = scenario_of(runs.key);
    row["baseline"] = counts_of(runs.baseline);
    row["head"] = counts_of(runs.head);
    row["outcome"] = change_name(change);
    row["certain"] = certain;
    row["p_value"] = certain ? json::value(nullptr)
                     : change == RateChange::kBetter
                         ? json::value(failures_by_chance(runs.head, runs.baseline))
                         : json::value(failures_by_chance(runs.baseline, runs.head));
    changed.push_back(std::move(row));
  }
  return changed;
}

json::array starved_cgroups(const ComparisonSet& set) {
  json::array rows;
  for (const StarvedCgroup& starved : set.starved) {
    json::object row = scenario_of(starved.scenario);
    row["side"] = starved.head ? "head" : "baseline";
    row["cgroup"] = starved.cgroup.empty() ? json::value(nullptr) : json::value(starved.cgroup);
    row["workers"] = starved.workers;
    row["without_iterations"] = starved.idle;
    row["runs"] = starved.runs;
    row["of_runs"] = starved.of_runs;
    rows.push_back(std::move(row));
  }
  return rows;
}

json::object phase_side(const PhaseSide& side) {
  return {{"n", side.n}, {"mean", side.mean}, {"min", side.min}, {"max", side.max}};
}

json::array phase_table(const PerfDeltaRequest& request, const ComparisonSet& set) {
  json::array rows;
  if (!request.repeats || request.phases.hidden) return rows;
  for (const PhaseRow& phase : select_phases(set.phases, request.phases.selection, request.all_metrics)) {
    json::object row = scenario_of(phase.scenario);
    row["phase"] = phase.index;
    row["label"] = phase.label;
    row["metric"] = phase.metric->name;
    row["unit"] = phase.metric->unit;
    row["polarity"] = polarity_name(phase.rule.polarity);
    row["baseline"] = phase_side(phase.baseline);
    row["head"] = phase_side(phase.head);
    row["relative"] = phase.relative;
    rows.push_back(std::move(row));
  }
  return rows;
}

/// How probably luck alone had made this comparison red, where every gate states its rate.
json::value luck_of(const Gates& gates, bool virtual_time, const Judgement& judgement) {
  if (virtual_time) return nullptr;  // runs repeat: there is none
  std::vector<std::vector<double>> rows;
  std::vector<bool> stated(gates.all().size());
  for (const JudgedRow& row : judgement.rows) {
    if (!row.comparison->gates() || row.opinions.empty()) continue;
    std::vector<double>& rates = rows.emplace_back();
    for (std::size_t i = 0; i < row.opinions.size(); ++i) {
      rates.push_back(row.opinions[i].false_alarm);
      KTSTR_ASSERT(i < stated.size());  // one opinion a gate
      stated[i] = stated[i] || !std::isnan(rates.back());
    }
  }
  if (std::find(stated.begin(), stated.end(), false) != stated.end()) return nullptr;
  const auto chance = any_false_alarm(rows);
  if (!chance || *chance <= kTooLucky) return nullptr;
  const auto percent = std::to_string(std::lround(*chance * 100));
  return json::object{
      {"chance", *chance},
      {"text", "if nothing had changed, this rule would still call a metric regressed in about " + percent +
                   " % of such comparisons; --gate fdr keeps that at 5 %"}};
}

json::value sight_text(const Sight& sight, bool repeated) {
  if (sight.blind == 0) return nullptr;
  std::string text = std::to_string(sight.blind) + " of " + std::to_string(sight.judged) +
                     " metrics could not have shown a change of their own gate's size";
  if (sight.runs_for_all > sight.runs_for_half) {
    text += ": " + std::to_string(sight.runs_for_half) + " runs a side would do for half of them, " +
            std::to_string(sight.runs_for_all) + " for all";
  } else if (sight.runs_for_all > 0) {
    text += ": " + std::to_string(sight.runs_for_all) + " runs a side would do";
  }
  return json::value(text + (repeated ? "" : " (--noise-adjust)"));
}

json::object sight_of_rows(const Sight& sight, const PerfDeltaRequest& request) {
  return {{"judged", sight.judged},
          {"blind", sight.blind},
          {"unknown", sight.unknown},
          {"sighted", sight.sighted()},
          {"least_percent", request.least_sight * 100},
          {"runs_for_half", sight.runs_for_half},
          {"runs_for_all", sight.runs_for_all},
          {"text", sight_text(sight, request.repeats.has_value())}};
}

ConclusionFacts facts_of(const PerfDeltaRequest& request, const DeltaOutcome& outcome,
                         const JudgedFacts& judged) {
  const ComparisonSet& set = outcome.set;
  ConclusionFacts facts;
  facts.shortfalls = shortfalls_of(request, outcome);
  facts.baseline_has_performance_tests = set.baseline_has_tests;
  facts.baseline_is_known = outcome.baseline_is_known;
  facts.head_has_performance_tests = set.head_has_tests;
  facts.strict = request.strict;
  facts.baseline_required = request.require_baseline;
  facts.warnings = outcome.warnings.size() + set.warnings.size();
  facts.baseline_label = printable(outcome.commits.baseline_label);
  facts.head_label = printable(outcome.commits.head_label);
  const JudgedConclusion rows = conclude_rows(judged);
  facts.judged = rows.overall;
  facts.found = rows.headline;
  facts.scenarios = set.scenarios - set.excluded;
  return facts;
}

/// What is missing, first what hinders.
json::array missing_of(const std::vector<Shortfall>& shortfalls) {
  json::array rows;
  for (const Shortfall& one : shortfalls) {
    rows.push_back(json::object{{"kind", shortfall_name(one.kind)},
                                {"side", one.head ? "head" : "baseline"},
                                {"scenario", one.scenario},
                                {"reason", one.reason},
                                {"minor", one.minor}});
  }
  return rows;
}

json::array host_of(const ComparisonSet& set) {
  json::array rows;
  for (const HostDifference& one : set.host)
    rows.push_back(json::object{{"key", one.key}, {"baseline", one.before}, {"head", one.after}});
  return rows;
}

json::array notes_of(const DeltaOutcome& outcome) {
  json::array notes = array_of(outcome.notes);
  for (const std::string& note : outcome.set.notes) notes.emplace_back(note);
  return notes;
}

json::object beginning(const Gates& gates, const PerfDeltaRequest& request, const DeltaOutcome& outcome) {
  const Commits& commits = outcome.commits;
  json::array warnings = array_of(outcome.warnings);
  for (const std::string& warning : outcome.set.warnings) warnings.emplace_back(warning);
  json::object begin{
      {"mode", request.repeats ? "repeated" : "cached"},
      {"repeats", request.repeats ? json::value(*request.repeats) : json::value(nullptr)},
      {"deterministic", request.deterministic},
      {"baseline",
       {{"commit", commits.baseline_full}, {"label", commits.baseline_label}, {"how", commits.how}}},
      {"head", {{"commit", commits.head_full}, {"label", commits.head_label}}},
      {"gates", array_of(gates.names())},
      {"axis", request.axis ? json::value(request.axis->name) : json::value("commit")},
      {"filter", request.filter.empty() ? json::value(nullptr) : json::value(request.filter.text())},
      {"phases_only", request.phases.only},
      {"warnings", std::move(warnings)}};
  for (const auto& fact : outcome.facts) begin[fact.key()] = fact.value();
  return begin;
}

}  // namespace

std::vector<Shortfall> shortfalls_of(const PerfDeltaRequest& request, const DeltaOutcome& outcome) {
  std::vector<Shortfall> all = outcome.set.shortfalls;
  all.insert(all.end(), outcome.shortfalls.begin(), outcome.shortfalls.end());
  if (!outcome.set.metrics.empty()) require_values(outcome.set, request.verdict.must_fail, all);
  std::stable_sort(all.begin(), all.end(), [](const Shortfall& a, const Shortfall& b) {
    return a.minor != b.minor ? b.minor : a.kind < b.kind;
  });
  return all;
}

ExitCode report_delta(Reports& reports, const Gates& gates, const PerfDeltaRequest& request,
                      const DeltaOutcome& outcome) {
  const ComparisonSet& set = outcome.set;
  const Judgement& judgement = outcome.judgement;
  const VerdictCounts& counts = judgement.counter.counts();
  const JudgedFacts judged = judged_facts(gates, request, outcome);
  const ConclusionFacts facts = facts_of(request, outcome, judged);
  const Conclusion conclusion = conclude(facts);
  reports.begin(to_text(beginning(gates, request, outcome), 0), request.all_metrics ? KTSTR_REPORT_ALL : 0);
  report_rows(reports, gates, judgement,
              {request.noise_spread_percent, request.verdict.must_fail, outcome.trends});
  reports.end(
      conclusion.code,
      to_text(json::object{{"verdict", overall_name(conclusion.overall)},
                           {"headline", conclusion.headline},
                           {"missing", missing_of(facts.shortfalls)},
                           {"counts",
                            {{"regressed", counts.regressed},
                             {"regressed_families", counts.regressed_families},
                             {"suspects", judged.suspects},
                             {"overcommitted", judged.overcommitted},
                             {"improved", counts.improved},
                             {"unchanged", counts.unchanged},
                             {"inconclusive", counts.inconclusive},
                             {"informational", counts.informational},
                             {"new", set.only_head},
                             {"removed", set.only_baseline},
                             {"excluded", set.excluded},
                             {"missing", std::count_if(facts.shortfalls.begin(), facts.shortfalls.end(),
                                                       [](const Shortfall& s) { return !s.minor; })},
                             {"equivalent", counts.equivalent},
                             {"did_not_happen", counts.did_not_happen},
                             {"underpowered", counts.underpowered}}},
                           {"scenarios", set.scenarios},
                           {"baseline_runs", set.baseline_runs},
                           {"head_runs", set.head_runs},
                           {"fail_threshold", judged.fail_threshold},
                           {"fail_threshold_counts", judged.by_family ? "families" : "metrics"},
                           {"runs_a_side", judged.runs.text()},
                           {"must_fail", array_of(judgement.counter.tripped(request.verdict))},
                           {"declared_regressed", counts.declared_regressed},
                           {"pass_counts", pass_counts(set)},
                           {"failure_rates", failure_rates(set)},
                           {"starved", starved_cgroups(set)},
                           {"phases", phase_table(request, set)},
                           {"luck", luck_of(gates, judged.virtual_time, judgement)},
                           {"sight", sight_of_rows(judged.sight, request)},
                           {"host", host_of(set)},
                           {"notes", notes_of(outcome)},
                           {"next", next_steps(request, outcome, conclusion.overall)}},
              0));
  return conclusion.code;
}

}  // namespace ktstr
