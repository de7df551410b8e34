// SPDX-License-Identifier: Apache-2.0
#include "delta/stored_sides.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "pool/pool.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

constexpr std::string_view kWithChanges = "-dirty";

/// What a flag calls a kernel: a version by its digits, anything else by what it resolves to.
Result<std::string> wanted_kernel(const AppContext& context, const std::string& flag) {
  if (flag.empty() || looks_like_version(flag)) return flag;
  const auto kernel = context.kernels.find(flag);
  if (!kernel) return kernel.error();
  return kernel->id();
}

/// Whether a kernel, as sidecars and manifests of runs call it, is `wanted`: by its version, its label, or
/// both. Empty: any is.
bool is_kernel(const std::string& wanted, const std::string& kernel) {
  const std::string version = version_of_release(kernel);
  if (wanted.empty() || wanted == kernel) return true;
  return looks_like_version(wanted) ? version_matches(wanted, version) : kernel == kernel_id(version, wanted);
}

const std::string& on_axis(const SidecarRecord& record, Axis axis) {
  return axis == Axis::kKernel      ? record.kernel
         : axis == Axis::kScheduler ? record.scheduler
                                    : record.topology;
}

bool axis_matches(const AxisChoice& axis, const std::string& wanted, const SidecarRecord& record) {
  if (axis.axis != Axis::kKernel) return on_axis(record, axis.axis) == wanted;
  return is_kernel(wanted, record.kernel) || wanted == record.kernel_release;
}

/// Which labels, and along an axis which of its values, make the sides.
class SideRule {
 public:
  SideRule(const PerfDeltaRequest& request, const Commits& commits)
      : request_(request),
        commits_(commits),
        at_commit_(commit_label(commits.head_commit_label, false)),
        with_changes_(at_commit_ + std::string(kWithChanges)) {}

  bool is_at_commit(const std::string& label) const { return label == at_commit_ || label == with_changes_; }
  bool is_ours(const std::string& label) const {
    return request_.axis ? is_at_commit(label)
                         : label == commits_.baseline_label || label == commits_.head_label;
  }
  std::vector<std::string> labels() const {
    if (request_.axis) return {at_commit_, with_changes_};
    return {at_commit_, with_changes_, commits_.baseline_label, commits_.head_label,
            commits_.baseline_label + std::string(kWithChanges)};
  }
  /// The sides of a run by its key, or by the files of it that could be read.
  std::set<bool> sides_of(const std::string& run, const Pool& pool) const {
    std::set<std::string> run_labels, kernels;
    for (const std::string& label : labels()) {
      if (!run.ends_with("-" + label)) continue;
      run_labels.insert(label);
      kernels.insert(run.substr(0, run.size() - label.size() - 1));
    }
    for (const PoolEntry& entry : pool.entries) {
      if (entry.run != run) continue;
      run_labels.insert(entry.record.project_commit);
      kernels.insert(entry.record.kernel);
    }
    std::set<bool> sides;
    for (const bool head : {false, true}) {
      if (request_.axis ? is_on_axis(run_labels, kernels, head)
                        : run_labels.contains(head ? commits_.head_label : commits_.baseline_label))
        sides.insert(head);
    }
    return sides;
  }

 private:
  /// A file that cannot be read does not say its scheduler or topology: it may be of either value.
  bool is_on_axis(const std::set<std::string>& run_labels, const std::set<std::string>& kernels,
                  bool head) const {
    if (std::none_of(run_labels.begin(), run_labels.end(), [&](const auto& l) { return is_at_commit(l); }))
      return false;
    const AxisChoice& axis = *request_.axis;
    return axis.axis != Axis::kKernel || std::any_of(kernels.begin(), kernels.end(), [&](const auto& kernel) {
             return is_kernel(head ? axis.b : axis.a, kernel);
           });
  }

  const PerfDeltaRequest& request_;
  const Commits& commits_;
  std::string at_commit_, with_changes_;
};

void add_problems(const Pool& pool, const SideRule& rule, StoredSides& sides) {
  for (const PoolProblem& problem : pool.problems) {
    sides.notes.push_back("left out: " + problem.error.message);
    const ShortfallKind kind =
        is_from_newer_writer(problem.error) ? ShortfallKind::kNewer : ShortfallKind::kUnreadable;
    const std::set<bool> owners = rule.sides_of(problem.file.substr(0, problem.file.find('/')), pool);
    const std::string file = printable(problem.file);
    for (const bool head : owners)
      sides.unreadable.push_back({kind, head, file, problem.error.message, false});
    if (owners.empty())
      sides.unreadable.push_back({kind, false, file, problem.error.message, true});  // anybody's
  }
}

/// Of one value of an axis only what has it: the other value's variants are not missing there.
RunManifest with_value(RunManifest run, const AxisChoice& axis, const std::string& value) {
  if (axis.axis == Axis::kKernel) return run;
  const auto other = [&](const PlannedTest& test) {
    return (axis.axis == Axis::kScheduler ? test.scheduler : test.topology) != value;
  };
  std::erase_if(run.tests, other);
  const bool open = std::any_of(run.tests.begin(), run.tests.end(), [](const PlannedTest& test) {
    return test.selected && test.outcome.empty();
  });
  if (!run.complete() && !open) run.ended = run.started;  // what it left out is the other value's
  return run;
}

void add_runs(const Pool& pool, const PerfDeltaRequest& request, const Commits& commits, const SideRule& rule,
              const std::string& kernel, StoredSides& sides) {
  for (const PoolManifest& one : pool.manifests) {
    const RunManifest& run = one.manifest;
    if (!is_kernel(kernel, run.kernel) || !rule.is_ours(run.project_commit)) continue;
    if (!request.axis) {
      sides.of(run.project_commit != commits.baseline_label).runs.push_back(run);
      continue;
    }
    for (const bool head : {false, true}) {
      const std::string& value = head ? request.axis->b : request.axis->a;
      if (request.axis->axis != Axis::kKernel || is_kernel(value, run.kernel))
        sides.of(head).runs.push_back(with_value(run, *request.axis, value));
    }
  }
}

void add_records(Pool& pool, const PerfDeltaRequest& request, const Commits& commits, StoredSides& sides) {
  for (PoolEntry& entry : pool.entries) {
    SidecarRecord& record = entry.record;
    if (!request.axis) {
      sides.of(record.project_commit != commits.baseline_label).records.push_back(std::move(record));
      continue;
    }
    const AxisChoice& axis = *request.axis;
    sides.on_axis.insert(on_axis(record, axis.axis));
    const bool is_a = axis_matches(axis, axis.a, record), is_b = axis_matches(axis, axis.b, record);
    if (is_a && is_b) sides.on_both.insert(record.kernel);
    if (is_a) sides.baseline.records.push_back(record);
    if (is_b) sides.head.records.push_back(std::move(record));
  }
}

void take(Pool pool, const PerfDeltaRequest& request, const Commits& commits, const SideRule& rule,
          const std::string& kernel, StoredSides& sides) {
  sides.walked += pool.walked;
  add_problems(pool, rule, sides);
  add_runs(pool, request, commits, rule, kernel, sides);
  add_records(pool, request, commits, sides);
}

/// Leaves the records and manifests of one side in a pool that has both.
void keep_side(bool head, const Commits& commits, Pool& pool) {
  const auto other = [&](const std::string& commit) { return (commit != commits.baseline_label) != head; };
  std::erase_if(pool.entries, [&](const PoolEntry& entry) { return other(entry.record.project_commit); });
  std::erase_if(pool.manifests, [&](const PoolManifest& one) { return other(one.manifest.project_commit); });
}

}  // namespace

Result<StoredSides> load_sides(const AppContext& context, const PerfDeltaRequest& request,
                               const Commits& commits) {
  const auto kernel = wanted_kernel(context, request.kernel);
  if (!kernel) return kernel.error();
  StoredSides sides;
  const SideRule rule(request, commits);
  PoolQuery query;
  query.commits = rule.labels();
  query.wanted = [&](const SidecarRecord& record) {
    if (!record.performance_mode || record.block) return false;
    sides.labels.insert(record.project_commit);
    const bool ours = rule.is_ours(record.project_commit);
    if (!ours || is_kernel(*kernel, record.kernel)) return ours;
    if (!request.axis)
      sides.of(record.project_commit == commits.head_label).other_kernels.insert(record.kernel);
    return false;
  };
  auto pool = read_pool(context, query);
  if (!pool) return pool.error();
  if (request.baseline_directory.empty() && !request.baseline_store) {
    take(std::move(*pool), request, commits, rule, *kernel, sides);
    return sides;
  }
  // The baseline comes from there alone, HEAD from the project's own store alone.
  keep_side(true, commits, *pool);
  take(std::move(*pool), request, commits, rule, *kernel, sides);
  query.archive = request.baseline_directory;
  query.store = request.baseline_store;
  auto other = read_pool(context, query);
  if (!other) return other.error();
  keep_side(false, commits, *other);
  take(std::move(*other), request, commits, rule, *kernel, sides);
  return sides;
}

Result<std::string> kept_elsewhere(const AppContext& context, const Commits& commits,
                                   const StoredSides& sides) {
  const std::string with_changes = commits.baseline_label + std::string(kWithChanges);
  if (with_changes != commits.head_label && sides.labels.contains(with_changes)) {
    return "it has sidecars of " + printable(with_changes) + " only, whose tree had changes";
  }
  std::string run;
  PoolQuery query;
  query.history = true;
  query.commits = {commits.baseline_label};
  query.run = [](const RunEntry& entry) { return kind_of_key(entry.key) == StoredKind::kHistory; };
  query.wanted = [](const SidecarRecord& record) { return record.performance_mode && !record.block; };
  const auto pool = read_pool(context, query);
  if (!pool) return pool.error();
  if (pool->entries.empty()) return std::string();
  return "its sidecars were put aside, into " + printable(pool->entries.front().run);
}

std::vector<Shortfall> stale_runs(const PerfDeltaRequest& request, const Commits& commits,
                                  const StoredSides& sides, const ComparisonSet& set, bool& unknown) {
  std::vector<Shortfall> stale;
  const auto is_compared = [&](const std::string& kernel) {
    return request.axis || std::any_of(set.runs.begin(), set.runs.end(), [&](const ScenarioRuns& runs) {
             return runs.key.kernel == kernel && runs.baseline.total > 0 && runs.head.total > 0;
           });
  };
  const std::string clean = commit_label(commits.head_commit_label, false);
  for (const bool head : {false, true}) {
    if (!head && !request.axis) continue;  // the baseline is a commit, whatever the tree is now
    std::set<std::string> told_kernels;
    for (const RunManifest& run : sides.of(head).runs) {
      if (run.project_commit == clean) continue;
      told_kernels.insert(run.kernel);
      unknown = unknown || run.tree_state.empty() || !commits.tree_state;
      if (run.tree_state.empty() || !commits.tree_state || run.tree_state == *commits.tree_state) continue;
      if (!is_compared(run.kernel)) continue;
      const std::string kernel = printable(run.kernel);
      stale.push_back({ShortfallKind::kOtherTree, head, "",
                       "files changed since " + printable(run.project_commit) + " ran on kernel " + kernel +
                           ": run ktstr test again",
                       false});
    }
    for (const SidecarRecord& record : sides.of(head).records) {
      unknown = unknown || (record.project_commit != clean && !told_kernels.contains(record.kernel));
    }
  }
  return stale;
}

}  // namespace ktstr
