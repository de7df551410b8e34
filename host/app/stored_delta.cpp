// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "app/measurement.hpp"
#include "app/perf_delta.hpp"
#include "app/pool.hpp"
#include "core/noise_history.hpp"
#include "core/run_key.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

struct StoredSides {
  std::vector<SidecarRecord> baseline, head;
  std::uint64_t walked = 0;
  std::set<std::string> labels;   ///< commits of the pool's performance sidecars
  std::set<std::string> on_axis;  ///< values of the axis' dimension at the commit
  std::vector<std::string> notes;
};

/// Whether a sidecar's kernel is the one that a flag asks for: a version by its digits, anything else by what it resolves to.
Result<std::string> wanted_version(const AppContext& context, const std::string& flag) {
  if (flag.empty() || looks_like_version(flag)) return flag;
  const auto kernel = context.kernels.find(flag);
  if (!kernel) return kernel.error();
  return kernel->version;
}

const std::string& on_axis(const SidecarRecord& record, Axis axis) {
  return axis == Axis::kKernel ? record.kernel : axis == Axis::kScheduler ? record.scheduler : record.topology;
}

bool axis_matches(const AxisChoice& axis, const std::string& wanted, const SidecarRecord& record) {
  return axis.axis == Axis::kKernel && looks_like_version(wanted) ? version_matches(wanted, record.kernel) : on_axis(record, axis.axis) == wanted;
}

/// Sidecars of repeated runs are left out: those of a -dirty HEAD may come from an older state of the tree.
Result<StoredSides> load(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits) {
  const auto version = wanted_version(context, request.kernel);
  if (!version) return version.error();
  StoredSides sides;
  const std::string at_commit = commit_label(commits.head_full, false);
  PoolQuery query;
  query.commits = {at_commit, at_commit + "-dirty"};
  if (!request.axis) query.commits.insert(query.commits.end(), {commits.baseline_label, commits.head_label});
  query.wanted = [&](const SidecarRecord& record) {
    if (!record.performance_mode || record.block) return false;
    sides.labels.insert(record.project_commit);
    if (!version->empty() && !version_matches(*version, record.kernel)) return false;
    if (!request.axis) return record.project_commit == commits.baseline_label || record.project_commit == commits.head_label;
    return record.project_commit == at_commit || record.project_commit == at_commit + "-dirty";
  };
  auto pool = read_pool(context, query);
  if (!pool) return pool.error();
  sides.walked = pool->walked;
  for (const PoolProblem& problem : pool->problems) sides.notes.push_back("left out: " + problem.error.message);
  for (PoolEntry& entry : pool->entries) {
    SidecarRecord& record = entry.record;
    if (!request.axis) {
      (record.project_commit == commits.baseline_label ? sides.baseline : sides.head).push_back(std::move(record));
      continue;
    }
    sides.on_axis.insert(on_axis(record, request.axis->axis));
    if (axis_matches(*request.axis, request.axis->a, record)) sides.baseline.push_back(record);
    if (axis_matches(*request.axis, request.axis->b, record)) sides.head.push_back(std::move(record));
  }
  return sides;
}

std::string pool_size(const StoredSides& sides) { return "the pool has " + std::to_string(sides.walked) + (sides.walked == 1 ? " sidecar" : " sidecars"); }

Error nothing_on_axis(const AxisChoice& axis, const std::string& wanted, const StoredSides& sides) {
  const std::vector<std::string> known(sides.on_axis.begin(), sides.on_axis.end());
  return environment_error("no performance_mode sidecar has the " + axis.name + " \"" + printable(wanted) + "\"" + suggestion(wanted, known) + "; " + pool_size(sides),
                           known.empty() ? "run the tests first: ktstr test" : "there are: " + printable(join(known, ", ")));
}

Error nothing_of_head(const PerfDeltaRequest& request, const Commits& commits, const StoredSides& sides) {
  const std::string& label = commits.head_label;
  const std::string other = commits.head_is_dirty ? commit_label(commits.head_full, false) : label + "-dirty";
  std::string hint = "run its tests first: ktstr test" + (request.kernel.empty() ? std::string() : " --kernel " + printable(request.kernel));
  if (sides.labels.contains(other)) {
    hint += commits.head_is_dirty ? "; there are sidecars of " + other + ", but the tree has changes since" : "; there are sidecars of " + other + ", but the tree has no changes now";
  }
  hint += "; ktstr stats list-values shows what the pool has";
  return environment_error("there are no performance_mode sidecars of HEAD " + printable(label) + (request.filter.empty() ? "" : " for -E '" + printable(request.filter.text()) + "'") +
                               " to compare with the baseline's; " + pool_size(sides),
                           hint);
}

/// A filter that selects nothing must not look like a comparison that found nothing.
Status check_filter(const Filter& filter, const StoredSides& sides) {
  std::set<std::string> names;
  for (const auto* records : {&sides.baseline, &sides.head}) {
    for (const SidecarRecord& record : *records) {
      if (filter.matches({record.test, record.topology, record.scheduler, record.work_type})) return Ok{};
      names.insert(record.test);
    }
  }
  if (names.empty()) return Ok{};
  const std::vector<std::string> known(names.begin(), names.end()), asked = filter.names();
  return usage_error("-E '" + printable(filter.text()) + "' selects none of the stored tests" + (asked.empty() ? std::string() : suggestion(asked.front(), known)),
                     "they are: " + printable(join(known, ", ")));
}

}  // namespace

Result<DeltaOutcome> stored_delta(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits, Gates& gates) {
  auto sides = load(context, request, commits);
  if (!sides) return sides.error();
  ComparisonOptions options;
  options.metrics = &context.config.metrics;
  options.policy = request.policy;
  options.filter = request.filter;
  if (request.axis) {
    options.axis = request.axis->axis;
    options.axis_text = request.axis->a + " -> " + request.axis->b;
  }
  if (const Status some = check_filter(request.filter, *sides); !some) return some.error();
  DeltaOutcome outcome;
  outcome.commits = commits;
  outcome.set = compare_sides(sides->baseline, sides->head, options);
  outcome.notes = sides->notes;
  ComparisonSet& set = outcome.set;
  if (request.axis && set.baseline_seen == 0) return nothing_on_axis(*request.axis, request.axis->a, *sides);
  if (request.axis && set.head_seen == 0) return nothing_on_axis(*request.axis, request.axis->b, *sides);
  if (set.baseline_seen > 0 && set.head_seen == 0) return nothing_of_head(request, commits, *sides);
  if (commits.head_is_dirty && !request.axis) outcome.warnings.emplace_back("HEAD has uncommitted changes: its stored numbers are those of the last run, whatever the tree was then");

  const auto earlier = planned_runs(context);
  if (!earlier) return earlier.error();
  const NoiseHistory history(*earlier);
  prepare(set, history, request.verdict.must_fail);
  auto judgement = judge(gates, set);
  if (!judgement) return judgement.error();
  outcome.judgement = std::move(*judgement);
  return outcome;
}

}  // namespace ktstr
