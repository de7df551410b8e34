// SPDX-License-Identifier: Apache-2.0
#include "core/pairing.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/metric_pairs.hpp"
#include "core/sameness.hpp"
#include "core/side_notes.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

using Records = std::vector<const SidecarRecord*>;

struct Group {
  Records baseline, head;
};
using Groups = std::map<ScenarioKey, Group>;

ScenarioKey key_of(const SidecarRecord& r, const ComparisonOptions& options) {
  ScenarioKey key{r.test, r.topology, r.scheduler, r.work_type, r.kernel, r.accelerator, r.time_source};
  switch (options.axis) {
    case Axis::kCommit: break;
    case Axis::kKernel: key.kernel = options.axis_text; break;
    case Axis::kScheduler: key.scheduler = options.axis_text; break;
    case Axis::kTopology: key.topology = options.axis_text; break;
  }
  return key;
}

/// In the order in which they were measured: by plan when there is one, else by time.
void sort_by_run(Records& records) {
  std::stable_sort(records.begin(), records.end(), [](const SidecarRecord* a, const SidecarRecord* b) {
    if (a->block != b->block) return a->block < b->block;
    if (a->timestamp != b->timestamp) return a->timestamp < b->timestamp;
    return a->file < b->file;
  });
}

Records that_count(const Records& records) {
  Records out;
  std::copy_if(records.begin(), records.end(), std::back_inserter(out), [](const SidecarRecord* r) { return r->counts(); });
  return out;
}

PassCount count_of(const Records& records) {
  PassCount count;
  for (const SidecarRecord* record : records) {
    ++count.total;
    if (record->counts()) {
      ++count.passed;
    } else if (!record->passed && !record->skipped && !record->inconclusive && !record->expected_failure) {
      ++count.failed;
    }
  }
  return count;
}

/// "5 of 6 runs did not pass" for a side that is not complete.
void note_failures(const ScenarioKey& key, const char* side, const PassCount& count, std::vector<std::string>& notes) {
  if (count.passed == count.total) return;
  notes.push_back(shown(key) + ": " + std::to_string(count.total - count.passed) + " of " + std::to_string(count.total) + " " + side + " runs did not pass and are left out");
}

/// The same test under another accelerator or clock is a different measurement, not a missing one.
std::set<std::string> strangers(const Groups& groups) {
  std::set<std::string> out;
  for (const auto& [key, group] : groups) {
    if (!group.baseline.empty()) continue;
    for (const auto& [other, others] : groups) {
      if (!others.head.empty()) continue;
      ScenarioKey same = other;
      same.accelerator = key.accelerator;
      same.time_source = key.time_source;
      if (same != key) continue;
      out.insert(shown(key) + ": not compared, the baseline ran with " + printable(other.accelerator + "/" + other.time_source) + ", HEAD with " +
                 printable(key.accelerator + "/" + key.time_source));
    }
  }
  return out;
}

/// HEAD's declarations count: it is HEAD's author who says what must hold.
std::set<DeclaredGate> declared_gates(const Records& head) {
  std::set<DeclaredGate> gates;
  for (const SidecarRecord* record : head) gates.insert(record->declared.begin(), record->declared.end());
  return gates;
}

}  // namespace

ComparisonSet compare_sides(const std::vector<SidecarRecord>& baseline, const std::vector<SidecarRecord>& head, const ComparisonOptions& options) {
  ComparisonSet set;
  Groups groups;
  bool any_declared = false;
  const auto collect = [&](const std::vector<SidecarRecord>& records, Records Group::*side, std::uint64_t& seen) {
    for (const SidecarRecord& record : records) {
      if (!record.performance_mode || !options.filter.matches({record.test, record.topology, record.scheduler, record.work_type})) continue;
      (groups[key_of(record, options)].*side).push_back(&record);
      any_declared = any_declared || !record.declared.empty();
      ++seen;
    }
  };
  collect(baseline, &Group::baseline, set.baseline_seen);
  collect(head, &Group::head, set.head_seen);

  static const MetricRegistry kBuiltIn;
  const MetricRegistry& metrics = options.metrics != nullptr ? *options.metrics : kBuiltIn;
  std::set<std::string> unpooled;
  Records compared_baseline, compared_head;
  for (auto& [key, group] : groups) {
    const PassCount before_count = count_of(group.baseline), after_count = count_of(group.head);
    set.runs.push_back({key, before_count, after_count});
    if (group.head.empty() || group.baseline.empty()) {
      ++(group.baseline.empty() ? set.only_head : set.only_baseline);
      continue;
    }
    ++set.scenarios;
    sort_by_run(group.baseline);
    sort_by_run(group.head);
    const Records before = that_count(group.baseline), after = that_count(group.head);
    note_failures(key, "baseline", before_count, set.notes);
    note_failures(key, "HEAD", after_count, set.notes);
    if (before.empty() || after.empty()) {
      ++set.excluded;
      continue;
    }
    set.baseline_runs += before.size();
    set.head_runs += after.size();
    compared_baseline.insert(compared_baseline.end(), before.begin(), before.end());
    compared_head.insert(compared_head.end(), after.begin(), after.end());
    const std::set<DeclaredGate> gates = options.declared ? declared_gates(after) : std::set<DeclaredGate>{};
    const ScenarioPair pair{key, before, after, gates, metrics};
    const std::size_t first = set.metrics.size();
    compare_metrics(pair, options, set, unpooled);
    compare_phases(pair, options, set);
    if (any_overcommitted(before) || any_overcommitted(after)) {
      for (std::size_t i = first; i < set.metrics.size(); ++i) set.metrics[i]->set_overcommitted();
    }
    const Sameness sameness = sameness_of(before, after);
    set.same_scheduler += sameness.scheduler ? 1 : 0;
    set.same_program += sameness.program ? 1 : 0;
  }
  for (const std::string& line : strangers(groups)) set.notes.push_back(line);
  for (const std::string& line : unpooled) set.notes.push_back(line);
  for (const std::string& line : host_differences(compared_baseline, compared_head)) set.notes.push_back(line);
  for (const std::string& line : weaknesses(compared_baseline, compared_head, options.cached)) set.warnings.push_back(line);
  if (any_declared && !options.declared) set.warnings.emplace_back("tests declare gates of their own, which only repeated runs evaluate: --noise-adjust N --kernel K");
  return set;
}

}  // namespace ktstr
