// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "app/measurement.hpp"
#include "app/perf_delta.hpp"
#include "app/pool.hpp"
#include "core/metric_names.hpp"
#include "core/noise_history.hpp"
#include "core/run_key.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

/// What the pool has of one side.
struct StoredSide {
  std::vector<SidecarRecord> records;
  std::vector<RunManifest> runs;
  std::set<std::string> other_kernels;  ///< of sidecars that --kernel leaves out
};

struct StoredSides {
  StoredSide baseline, head;
  std::uint64_t walked = 0;
  std::set<std::string> labels;   ///< commits of the pool's performance sidecars
  std::set<std::string> on_axis;  ///< values of the axis' dimension at the commit
  std::vector<std::string> notes;
  std::vector<Shortfall> unreadable;
  StoredSide& of(bool is_head) { return is_head ? head : baseline; }
};

/// What a flag calls a kernel: a version by its digits, anything else by what it resolves to.
Result<std::string> wanted_kernel(const AppContext& context, const std::string& flag) {
  if (flag.empty() || looks_like_version(flag)) return flag;
  const auto kernel = context.kernels.find(flag);
  if (!kernel) return kernel.error();
  return kernel->id();
}

/// Whether a kernel, as sidecars and manifests of runs call it, is `wanted`: by its version, its label, or both. Empty: any is.
bool is_kernel(const std::string& wanted, const std::string& kernel) {
  const std::string version = version_of_release(kernel);
  if (wanted.empty() || wanted == kernel) return true;
  return looks_like_version(wanted) ? version_matches(wanted, version) : kernel == kernel_id(version, wanted);
}

const std::string& on_axis(const SidecarRecord& record, Axis axis) {
  return axis == Axis::kKernel ? record.kernel : axis == Axis::kScheduler ? record.scheduler : record.topology;
}

bool axis_matches(const AxisChoice& axis, const std::string& wanted, const SidecarRecord& record) {
  if (axis.axis != Axis::kKernel) return on_axis(record, axis.axis) == wanted;
  return is_kernel(wanted, record.kernel) || wanted == record.kernel_release;
}

/// The sides that a file that cannot be read may belong to: those of its run's key, else those that have other files there.
std::set<bool> sides_of(const PoolProblem& problem, const Pool& pool, const Commits& commits) {
  const std::string run = problem.file.substr(0, problem.file.find('/'));
  std::set<bool> sides;
  for (const bool head : {false, true}) {
    const std::string& label = head ? commits.head_label : commits.baseline_label;
    const auto is_of = [&](const PoolEntry& entry) { return entry.run == run && entry.record.project_commit == label; };
    if (run.ends_with("-" + label) || std::any_of(pool.entries.begin(), pool.entries.end(), is_of)) sides.insert(head);
  }
  return sides;
}

void add_problems(const Pool& pool, const PerfDeltaRequest& request, const Commits& commits, StoredSides& sides) {
  for (const PoolProblem& problem : pool.problems) {
    sides.notes.push_back("left out: " + problem.error.message);
    const ShortfallKind kind = is_from_newer_writer(problem.error) ? ShortfallKind::kNewer : ShortfallKind::kUnreadable;
    const std::set<bool> owners = request.axis ? std::set<bool>{} : sides_of(problem, pool, commits);
    for (const bool head : owners) sides.unreadable.push_back({kind, head, printable(problem.file), problem.error.message, false});
    if (owners.empty()) sides.unreadable.push_back({kind, false, printable(problem.file), problem.error.message, true});  // anybody's
  }
}

/// Sidecars of repeated runs are left out: those of a -dirty HEAD may come from an older state of the tree.
Result<StoredSides> load(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits) {
  const auto kernel = wanted_kernel(context, request.kernel);
  if (!kernel) return kernel.error();
  StoredSides sides;
  const std::string at_commit = commit_label(commits.head_full, false);
  const auto is_at_commit = [&](const std::string& label) { return label == at_commit || label == at_commit + "-dirty"; };
  PoolQuery query;
  query.commits = {at_commit, at_commit + "-dirty"};
  if (!request.axis) query.commits.insert(query.commits.end(), {commits.baseline_label, commits.head_label});
  query.wanted = [&](const SidecarRecord& record) {
    if (!record.performance_mode || record.block) return false;
    sides.labels.insert(record.project_commit);
    const bool ours = request.axis ? is_at_commit(record.project_commit) : record.project_commit == commits.baseline_label || record.project_commit == commits.head_label;
    if (!ours || is_kernel(*kernel, record.kernel)) return ours;
    if (!request.axis) sides.of(record.project_commit == commits.head_label).other_kernels.insert(record.kernel);
    return false;
  };
  auto pool = read_pool(context, query);
  if (!pool) return pool.error();
  sides.walked = pool->walked;
  add_problems(*pool, request, commits, sides);
  for (const PoolManifest& one : pool->manifests) {
    const RunManifest& run = one.manifest;
    if (!is_kernel(*kernel, run.kernel)) continue;
    if (!request.axis && run.project_commit == commits.baseline_label) sides.baseline.runs.push_back(run);
    if (!request.axis && run.project_commit == commits.head_label) sides.head.runs.push_back(run);
    if (!request.axis || !is_at_commit(run.project_commit)) continue;
    if (request.axis->axis != Axis::kKernel || is_kernel(request.axis->a, run.kernel)) sides.baseline.runs.push_back(run);
    if (request.axis->axis != Axis::kKernel || is_kernel(request.axis->b, run.kernel)) sides.head.runs.push_back(run);
  }
  for (PoolEntry& entry : pool->entries) {
    SidecarRecord& record = entry.record;
    if (!request.axis) {
      sides.of(record.project_commit != commits.baseline_label).records.push_back(std::move(record));
      continue;
    }
    sides.on_axis.insert(on_axis(record, request.axis->axis));
    if (axis_matches(*request.axis, request.axis->a, record)) sides.baseline.records.push_back(record);
    if (axis_matches(*request.axis, request.axis->b, record)) sides.head.records.push_back(std::move(record));
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

/// A filter that selects nothing must not look like a comparison that found nothing. `what` names it: "-E".
Status check_filter(const Filter& filter, const std::string& what, const StoredSides& sides) {
  std::set<std::string> names;
  for (const StoredSide* side : {&sides.baseline, &sides.head}) {
    for (const SidecarRecord& record : side->records) {
      if (filter.matches({record.test, record.topology, record.scheduler, record.work_type})) return Ok{};
      names.insert(record.test);
    }
    for (const RunManifest& run : side->runs) {
      for (const PlannedTest& test : run.tests) {
        if (!test.performance_mode) continue;
        if (filter.matches({test.test, test.topology, test.scheduler, test.work_type})) return Ok{};
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
    const std::string known = printable(join({side.other_kernels.begin(), side.other_kernels.end()}, ", "));
    outcome.shortfalls.push_back({ShortfallKind::kOtherKernel, head, "", "it has sidecars of " + known + ", not of " + printable(request.kernel), false});
  }
}

/// Whether something tells why HEAD has no numbers; else it just was not run.
bool head_is_explained(const StoredSides& sides, const DeltaOutcome& outcome) {
  if (!sides.head.runs.empty()) return true;
  const auto explains = [](const Shortfall& one) { return one.head && !one.minor; };
  return std::any_of(outcome.shortfalls.begin(), outcome.shortfalls.end(), explains) || std::any_of(outcome.set.shortfalls.begin(), outcome.set.shortfalls.end(), explains);
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
  for (const auto& [names, what] : {std::pair{request.verdict.must_fail, "--must-fail"}, {request.policy.names(), "--policy"}}) {
    if (const Status match = check_names_match(names, what, sides->baseline.records, sides->head.records); !match) return match.error();
  }
  DeltaOutcome outcome;
  outcome.commits = commits;
  outcome.set = compare_sides(sides->baseline.records, sides->head.records, options);
  outcome.notes = sides->notes;
  outcome.shortfalls = sides->unreadable;
  add_other_kernels(request, *sides, outcome);
  ComparisonSet& set = outcome.set;
  if (request.axis && set.baseline_seen == 0) return nothing_on_axis(*request.axis, request.axis->a, *sides);
  if (request.axis && set.head_seen == 0) return nothing_on_axis(*request.axis, request.axis->b, *sides);
  if (set.baseline_seen > 0 && set.head_seen == 0 && !head_is_explained(*sides, outcome)) return nothing_of_head(request, commits, *sides);
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
