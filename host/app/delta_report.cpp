// SPDX-License-Identifier: Apache-2.0
#include "app/delta_report.hpp"

#include <algorithm>
#include <cmath>

#include "app/measurement.hpp"
#include "core/conclusion.hpp"
#include "core/insight.hpp"
#include "core/run_key.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

constexpr double kTooLucky = 0.05;

template <typename Strings>
json::array array_of(const Strings& strings) {
  return json::array(strings.begin(), strings.end());
}

json::object scenario_of(const ScenarioKey& key) {
  return {{"test", key.test}, {"topology", key.topology}, {"scheduler", key.scheduler}, {"work_type", key.work_type}, {"kernel", key.kernel}};
}

json::object counts_of(const PassCount& count) { return {{"passed", count.passed}, {"failed", count.failed}, {"total", count.total}}; }

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
    const RateChange change = compare_failure_rates(runs.baseline, runs.head);
    if (change == RateChange::kSame) continue;
    json::object row = scenario_of(runs.key);
    row["baseline"] = counts_of(runs.baseline);
    row["head"] = counts_of(runs.head);
    row["outcome"] = change_name(change);
    row["p_value"] = change == RateChange::kBetter ? failures_by_chance(runs.head, runs.baseline) : failures_by_chance(runs.baseline, runs.head);
    changed.push_back(std::move(row));
  }
  return changed;
}

json::object phase_side(const PhaseSide& side) { return {{"n", side.n}, {"mean", side.mean}, {"min", side.min}, {"max", side.max}}; }

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

/// Only the page's rule has a known rate of luck; another gate in the chain changes it.
json::value luck_of(const Gates& gates, const ComparisonSet& set) {
  for (const std::string& name : gates.names()) {
    if (name != "welch" && name != "threshold") return nullptr;
  }
  const auto chance = any_flagged_by_luck(set.metrics);
  if (!chance || *chance <= kTooLucky) return nullptr;
  const auto percent = std::to_string(std::lround(*chance * 100));
  return json::object{{"chance", *chance},
                      {"text", "if nothing had changed, this rule would still call a metric regressed in about " + percent + " % of such comparisons; --gate fdr keeps that at 5 %"}};
}

json::value sight_text(const Sight& sight, bool repeated) {
  if (sight.blind == 0) return nullptr;
  std::string text = std::to_string(sight.blind) + " of " + std::to_string(sight.judged) + " metrics could not have shown a change of their own gate's size";
  if (sight.runs_for_all > sight.runs_for_half) {
    text += ": " + std::to_string(sight.runs_for_half) + " runs a side would do for half of them, " + std::to_string(sight.runs_for_all) + " for all";
  } else {
    text += ": " + std::to_string(sight.runs_for_all) + " runs a side would do";
  }
  return json::value(text + (repeated ? "" : " (--noise-adjust)"));
}

json::object sight_of_rows(const Judgement& judgement, bool repeated) {
  std::vector<Detectable> rows;
  for (const JudgedRow& row : judgement.rows) {
    const ktstr_comparison& c = row.comparison->c_struct();
    if (row.comparison->gates()) rows.push_back({row.combined.mde, c.rel_gate, std::min(c.baseline.count, c.head.count)});
  }
  const Sight sight = sight_of(rows);
  return {{"judged", sight.judged},
          {"blind", sight.blind},
          {"unknown", sight.unknown},
          {"runs_for_half", sight.runs_for_half},
          {"runs_for_all", sight.runs_for_all},
          {"text", sight_text(sight, repeated)}};
}

std::vector<Shortfall> shortfalls_of(const PerfDeltaRequest& request, const DeltaOutcome& outcome) {
  std::vector<Shortfall> all = outcome.set.shortfalls;
  all.insert(all.end(), outcome.shortfalls.begin(), outcome.shortfalls.end());
  if (!outcome.set.metrics.empty()) require_values(outcome.set, request.verdict.must_fail, all);
  std::stable_sort(all.begin(), all.end(), [](const Shortfall& a, const Shortfall& b) { return a.minor != b.minor ? b.minor : a.kind < b.kind; });
  return all;
}

ConclusionFacts facts_of(const PerfDeltaRequest& request, const DeltaOutcome& outcome) {
  const ComparisonSet& set = outcome.set;
  const VerdictCounter& counter = outcome.judgement.counter;
  ConclusionFacts facts;
  facts.shortfalls = shortfalls_of(request, outcome);
  facts.baseline_has_performance_tests = set.baseline_has_tests;
  facts.head_has_performance_tests = set.head_has_tests;
  facts.strict = request.strict;
  facts.warnings = outcome.warnings.size() + set.warnings.size();
  facts.baseline_label = printable(outcome.commits.baseline_label);
  facts.head_label = printable(outcome.commits.head_label);
  facts.counts = counter.counts();
  facts.judged = counter.overall(request.verdict);
  facts.fail_threshold = request.verdict.fail_threshold;
  facts.tripped = counter.tripped(request.verdict);
  facts.scenarios = set.scenarios - set.excluded;
  facts.baseline_runs = set.baseline_runs;
  facts.head_runs = set.head_runs;
  return facts;
}

/// What is missing, first what hinders.
json::array missing_of(const std::vector<Shortfall>& shortfalls) {
  json::array rows;
  for (const Shortfall& one : shortfalls) {
    rows.push_back(json::object{{"kind", shortfall_name(one.kind)}, {"side", one.head ? "head" : "baseline"}, {"scenario", one.scenario}, {"reason", one.reason}, {"minor", one.minor}});
  }
  return rows;
}

std::string base_flag(const PerfDeltaRequest& request, const Commits& commits) {
  if (request.axis) return " --base HEAD~1";
  return " --base " + (request.choice.base.empty() ? commits.baseline_label : printable(request.choice.base));
}

std::string kernel_flag(const PerfDeltaRequest& request, const ComparisonSet& set) {
  if (!request.kernel.empty()) return printable(request.kernel);
  return set.metrics.empty() || set.metrics.front()->scenario().kernel.empty() || request.axis ? "VERSION" : printable(set.metrics.front()->scenario().kernel);
}

std::string worst_test(const Judgement& judgement) {
  return judgement.rows.empty() || judgement.rows.front().combined.outcome != KTSTR_REGRESSED ? std::string() : printable(judgement.rows.front().comparison->scenario().test);
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
  json::object begin{{"mode", request.repeats ? "repeated" : "cached"},
                     {"repeats", request.repeats ? json::value(*request.repeats) : json::value(nullptr)},
                     {"deterministic", request.deterministic},
                     {"baseline", {{"commit", commits.baseline_full}, {"label", commits.baseline_label}, {"how", commits.how}}},
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

json::array next_steps(const PerfDeltaRequest& request, const DeltaOutcome& outcome, Overall overall) {
  json::array next;
  const auto add = [&](const std::string& line) { next.emplace_back(line); };
  const Commits& commits = outcome.commits;
  const ComparisonSet& set = outcome.set;
  const VerdictCounts& counts = outcome.judgement.counter.counts();
  const std::string repeat = "ktstr perf-delta" + base_flag(request, commits) + " --noise-adjust 5 --kernel " + kernel_flag(request, set);
  if (set.uncovered > 0 && !request.axis) {
    const ScenarioKey& key = set.runs.front().key;
    add("see why a value is missing: ktstr stats explain-sidecar --run " +
        (request.repeats ? printable(pass_key(json::value_to<std::string>(outcome.facts.at("session")), "head", commits.head_label, 0)) : printable(run_key(key.kernel, commits.head_label))));
  }
  switch (overall) {
    case Overall::kEmpty:
      if (set.baseline_seen == 0 && !request.repeats) {
        add("run the tests at the baseline: git switch --detach " + printable(commits.baseline_label) + " && ktstr test");
        add("or measure both sides now: " + repeat);
      } else if (set.baseline_seen == 0) {
        add("set \"performance_mode\": true in the manifests of the tests to compare");
      }
      break;
    case Overall::kInconclusive:
      if (set.excluded > 0) add("look at what did not pass: ktstr test");
      if (counts.inconclusive > 0) {
        add(request.repeats ? "more runs tell more: " + std::string("--noise-adjust ") + std::to_string(*request.repeats * 2) + " --resume keeps these" : "measure both sides again: " + repeat);
      }
      break;
    case Overall::kFail:
    case Overall::kPass:
      if (counts.regressed == 0) break;
      if (!request.repeats) {
        add("confirm it with repeated runs of both sides: " + repeat);
      } else if (request.confirm == 0 && !request.deterministic) {
        add("confirm it with fresh runs: the same command with --resume --confirm 5");
      }
      if (!request.axis) add("see what changed: git diff " + printable(commits.baseline_label) + (commits.head_is_dirty ? "" : " " + printable(commits.head_label)));
      if (request.repeats && !commits.head_is_dirty && !request.axis) {
        add("find the commit: ktstr bisect --good " + printable(commits.baseline_label) + " --bad " + printable(commits.head_label) + " -E '=" + worst_test(outcome.judgement) + "' --kernel " +
            kernel_flag(request, set));
      }
      if (overall == Overall::kPass) add("fail on any regression: --fail-threshold 1");
      break;
  }
  return next;
}

ExitCode report_delta(Reports& reports, const Gates& gates, const PerfDeltaRequest& request, const DeltaOutcome& outcome) {
  const ComparisonSet& set = outcome.set;
  const Judgement& judgement = outcome.judgement;
  const VerdictCounts& counts = judgement.counter.counts();
  const ConclusionFacts facts = facts_of(request, outcome);
  const Conclusion conclusion = conclude(facts);
  reports.begin(to_text(beginning(gates, request, outcome), 0), request.all_metrics ? KTSTR_REPORT_ALL : 0);
  report_rows(reports, gates, judgement, request.noise_spread_percent);
  reports.end(conclusion.code, to_text(json::object{{"verdict", overall_name(conclusion.overall)},
                                         {"headline", conclusion.headline},
                                         {"missing", missing_of(facts.shortfalls)},
                                         {"counts",
                                          {{"regressed", counts.regressed},
                                           {"improved", counts.improved},
                                           {"unchanged", counts.unchanged},
                                           {"inconclusive", counts.inconclusive},
                                           {"informational", counts.informational},
                                           {"new", set.only_head},
                                           {"removed", set.only_baseline},
                                           {"excluded", set.excluded},
                                           {"missing", std::count_if(facts.shortfalls.begin(), facts.shortfalls.end(), [](const Shortfall& s) { return !s.minor; })},
                                           {"equivalent", counts.equivalent},
                                           {"underpowered", counts.underpowered}}},
                                         {"scenarios", set.scenarios},
                                         {"baseline_runs", set.baseline_runs},
                                         {"head_runs", set.head_runs},
                                         {"fail_threshold", request.verdict.fail_threshold},
                                         {"must_fail", array_of(judgement.counter.tripped(request.verdict))},
                                         {"declared_regressed", counts.declared_regressed},
                                         {"pass_counts", pass_counts(set)},
                                         {"failure_rates", failure_rates(set)},
                                         {"phases", phase_table(request, set)},
                                         {"luck", luck_of(gates, set)},
                                         {"sight", sight_of_rows(judgement, request.repeats.has_value())},
                                         {"notes", notes_of(outcome)},
                                         {"next", next_steps(request, outcome, conclusion.overall)}},
                             0));
  return conclusion.code;
}

}  // namespace ktstr
