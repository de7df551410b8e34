// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <set>

#include "delta/perf_delta.hpp"
#include "delta/stored_sides.hpp"
#include "measure/measurement.hpp"
#include "noise/noise_history.hpp"
#include "select/metric_names.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

std::string pool_size(const StoredSides& sides) {
  return "the pool has " + std::to_string(sides.walked) + (sides.walked == 1 ? " sidecar" : " sidecars");
}

/// The axis has it, the filter takes it away.
Error filtered_away(const PerfDeltaRequest& request, bool head) {
  const AxisChoice& axis = *request.axis;
  return usage_error("-E '" + printable(request.filter.text()) +
                         "' leaves no performance_mode sidecar with the " + axis.name + " \"" +
                         printable(head ? axis.b : axis.a) + "\"",
                     "--axis chooses the " + axis.name + ": the filter has to let both values through");
}

Error nothing_on_axis(const PerfDeltaRequest& request, bool head, const StoredSides& sides) {
  const AxisChoice& axis = *request.axis;
  const std::string& wanted = head ? axis.b : axis.a;
  if (!sides.of(head).records.empty()) return filtered_away(request, head);
  const std::vector<std::string> known(sides.on_axis.begin(), sides.on_axis.end());
  return environment_error(
      "no performance_mode sidecar has the " + axis.name + " \"" + printable(wanted) + "\"" +
          suggestion(wanted, known) + "; " + pool_size(sides),
      known.empty() ? "run the tests first: ktstr test" : "there are: " + printable(join(known, ", ")));
}

Error nothing_of_head(const PerfDeltaRequest& request, const Commits& commits, const StoredSides& sides) {
  const std::string& label = commits.head_label;
  const std::string other =
      commits.head_is_dirty ? commit_label(commits.head_commit_label, false) : label + "-dirty";
  std::string hint = "run its tests first: ktstr test" +
                     (request.kernel.empty() ? std::string() : " --kernel " + printable(request.kernel));
  if (sides.labels.contains(other)) {
    hint += commits.head_is_dirty ? "; there are sidecars of " + other + ", but the tree has changes since"
                                  : "; there are sidecars of " + other + ", but the tree has no changes now";
  }
  hint += "; ktstr stats list-values shows what the pool has";
  return environment_error(
      "there are no performance_mode sidecars of HEAD " + printable(label) +
          (request.filter.empty() ? "" : " for -E '" + printable(request.filter.text()) + "'") +
          " to compare with the baseline's; " + pool_size(sides),
      hint);
}

/// A filter that selects nothing must not look like a comparison that found nothing. `what` names it: "-E".
Status check_filter(const Filter& filter, const std::string& what, const StoredSides& sides) {
  std::set<std::string> names;
  for (const StoredSide* side : {&sides.baseline, &sides.head}) {
    for (const SidecarRecord& record : side->records) {
      if (filter.matches(record)) return Ok{};
      names.insert(record.test);
    }
    for (const RunManifest& run : side->runs) {
      for (const PlannedTest& test : run.tests) {
        if (!test.performance_mode) continue;
        if (filter.matches(FilterSubject{test.test, test.topology, test.scheduler, test.work_type}))
          return Ok{};
        names.insert(test.test);
      }
    }
  }
  if (names.empty()) return Ok{};
  const std::vector<std::string> known(names.begin(), names.end()), asked = filter.names();
  return usage_error(what + " '" + printable(filter.text()) + "' selects none of the stored tests" +
                         (asked.empty() ? std::string() : suggestion(asked.front(), known)),
                     "they are: " + printable(join(known, ", ")));
}

/// --kernel asks for one that a side was not measured on.
void add_other_kernels(const PerfDeltaRequest& request, const StoredSides& sides, DeltaOutcome& outcome) {
  for (const bool head : {false, true}) {
    const StoredSide& side = head ? sides.head : sides.baseline;
    if (!side.records.empty() || side.other_kernels.empty()) continue;
    const std::string known = printable(join(side.other_kernels, ", "));
    outcome.shortfalls.push_back({ShortfallKind::kOtherKernel, head, "",
                                  "it has sidecars of " + known + ", not of " + printable(request.kernel),
                                  false});
  }
}

/// Whether files that cannot be read may be all that a side has.
bool is_unreadable(bool head, const DeltaOutcome& outcome) {
  return std::any_of(outcome.shortfalls.begin(), outcome.shortfalls.end(),
                     [&](const Shortfall& one) { return one.head == head && !one.minor; });
}

void add_stale_runs(const PerfDeltaRequest& request, const StoredSides& sides, DeltaOutcome& outcome) {
  bool unknown = false;
  auto stale = stale_runs(request, outcome.commits, sides, outcome.set, unknown);
  std::move(stale.begin(), stale.end(), std::back_inserter(outcome.shortfalls));
  if (unknown && outcome.commits.head_is_dirty && !request.axis) {
    outcome.warnings.emplace_back(
        "HEAD has uncommitted changes: its stored numbers are those of the last run, whatever the tree was "
        "then");
  }
}

/// A baseline without a performance sidecar: is that the truth, or is only nothing known of it?
Status look_for_baseline(const AppContext& context, const StoredSides& sides, DeltaOutcome& outcome) {
  outcome.baseline_is_known = !sides.baseline.runs.empty();
  auto elsewhere = kept_elsewhere(context, outcome.commits, sides);
  if (!elsewhere) return elsewhere.error();
  if (!elsewhere->empty())
    outcome.shortfalls.push_back({ShortfallKind::kUnpaired, false, "", std::move(*elsewhere), false});
  return Ok{};
}

/// Whether something tells why HEAD has no numbers; else it just was not run.
bool head_is_explained(const StoredSides& sides, const DeltaOutcome& outcome) {
  if (!sides.head.runs.empty()) return true;
  const auto explains = [](const Shortfall& one) { return one.head && !one.minor; };
  return std::any_of(outcome.shortfalls.begin(), outcome.shortfalls.end(), explains) ||
         std::any_of(outcome.set.shortfalls.begin(), outcome.set.shortfalls.end(), explains);
}

/// Runs of neither side's commit, read only for findings: of their kernels, and the newest of those, several
/// times as many as a trend has points, as not every run has every test.
Status add_other_runs(const AppContext& context, const Commits& commits, Trends& trends) {
  constexpr std::size_t kMostRead = 4 * kMostTrendPoints;
  const auto store = open_pool_store(context, "");
  if (!store) return store.error();
  auto runs = (*store)->list_runs();
  if (!runs) return runs.error();
  std::erase_if(*runs, [&](const RunEntry& run) { return !trends.knows_run(run.key); });
  std::sort(runs->begin(), runs->end(),
            [](const RunEntry& a, const RunEntry& b) { return a.mtime_ns > b.mtime_ns; });
  std::set<std::string> newest;
  for (std::size_t i = 0; i < std::min(runs->size(), kMostRead); ++i) newest.insert((*runs)[i].key);
  PoolQuery query;
  query.run = [&](const RunEntry& run) { return newest.contains(run.key); };
  query.wanted = [&](const SidecarRecord& run) {
    return run.performance_mode && run.project_commit != commits.baseline_label &&
           run.project_commit != commits.head_label;
  };
  const auto read =
      visit_records(context, query, [&](const RunEntry&, const std::string&, const SidecarRecord& run) {
        trends.add(run);
        return Status(Ok{});
      });
  return read ? Status(Ok{}) : Status(read.error());
}

}  // namespace

Result<DeltaOutcome> stored_delta(const AppContext& context, const PerfDeltaRequest& request,
                                  const Commits& commits, Gates& gates) {
  auto sides = load_sides(context, request, commits);
  if (!sides) return sides.error();
  if (!sides->on_both.empty()) return one_kernel(*request.axis, printable(*sides->on_both.begin()));
  ComparisonOptions options;
  options.metrics = &context.config.metrics;
  options.policy = request.policy;
  options.filter = request.filter;
  if (request.axis) {
    options.axis = request.axis->axis;
    options.axis_text = request.axis->a + " -> " + request.axis->b;
    options.axis_values[0] = request.axis->a;
    options.axis_values[1] = request.axis->b;
  }
  options.baseline_runs = sides->baseline.runs;
  options.head_runs = sides->head.runs;
  if (const Status some = check_filter(request.filter, "-E", *sides); !some) return some.error();
  for (const PolicyLayer& layer : request.policy.layers()) {
    if (const Status some = check_filter(layer.filter, "--policy " + layer.where, *sides); !some)
      return some.error();
  }
  for (const auto& [names, what] :
       {std::pair{request.verdict.must_fail, "--must-fail"}, {request.policy.names(), "--policy"}}) {
    if (const Status match = check_names_match(names, what, sides->baseline.records, sides->head.records);
        !match)
      return match.error();
  }
  DeltaOutcome outcome;
  outcome.commits = commits;
  outcome.set = compare_sides(sides->baseline.records, sides->head.records, options);
  outcome.notes = sides->notes;
  outcome.shortfalls = sides->unreadable;
  add_other_kernels(request, *sides, outcome);
  ComparisonSet& set = outcome.set;
  for (const bool head : {false, true}) {
    const std::uint64_t seen = head ? set.head_seen : set.baseline_seen;
    if (request.axis && seen == 0 && !is_unreadable(head, outcome))
      return nothing_on_axis(request, head, *sides);
  }
  if (set.baseline_seen > 0 && set.head_seen == 0 && !head_is_explained(*sides, outcome))
    return nothing_of_head(request, commits, *sides);
  add_stale_runs(request, *sides, outcome);
  if (!request.axis && !set.baseline_has_tests) {
    if (const Status looked = look_for_baseline(context, *sides, outcome); !looked) return looked.error();
  }

  auto earlier = planned_runs(context);
  if (!earlier) return earlier.error();
  const NoiseHistory history(*earlier);
  prepare(set, history, request.verdict.must_fail);
  auto judgement = judge(gates, set);
  if (!judgement) return judgement.error();
  outcome.judgement = std::move(*judgement);
  outcome.trends = Trends(findings_of(outcome.judgement));
  if (!outcome.trends.empty()) {
    for (const SidecarRecord& run : *earlier) outcome.trends.add(run);
    if (const Status added = add_other_runs(context, commits, outcome.trends); !added) return added.error();
  }
  return outcome;
}

}  // namespace ktstr
