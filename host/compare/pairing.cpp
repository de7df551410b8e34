// SPDX-License-Identifier: Apache-2.0
#include "compare/pairing.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <set>

#include "compare/metric_pairs.hpp"
#include "compare/sameness.hpp"
#include "compare/side_notes.hpp"

namespace ktstr {
namespace {

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
  std::copy_if(records.begin(), records.end(), std::back_inserter(out),
               [](const SidecarRecord* r) { return r->counts(); });
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
  KTSTR_ASSERT(count.passed + count.failed <= count.total && count.total == records.size());
  return count;
}

/// "5 of 6 runs did not pass" for a side that is not complete.
void note_failures(const ScenarioKey& key, const char* side, const PassCount& count,
                   std::vector<std::string>& notes) {
  KTSTR_ASSERT(count.passed <= count.total);
  if (count.passed == count.total) return;
  notes.push_back(shown(key) + ": " + std::to_string(count.total - count.passed) + " of " +
                  std::to_string(count.total) + " " + side + " runs did not pass and are left out");
}

/// Where a record without numbers belongs: to the scenario that has some, though it may not know its kernel,
/// machine or work type.
ScenarioKey home_of(const ScenarioKey& key, const SidecarRecord& record, const Scenarios& scenarios) {
  if (scenarios.contains(key)) return key;
  for (auto at = scenarios.lower_bound({key.test, key.topology, key.scheduler, "", "", "", ""});
       at != scenarios.end(); ++at) {
    const ScenarioKey& other = at->first;
    if (other.test != key.test || other.topology != key.topology || other.scheduler != key.scheduler) break;
    const bool work = other.work_type == key.work_type || (record.skipped && key.work_type == "skipped");
    const bool machine = (key.accelerator.empty() || other.accelerator == key.accelerator) &&
                         (key.time_source.empty() || other.time_source == key.time_source);
    if (work && machine && (key.kernel.empty() || other.kernel == key.kernel)) return other;
  }
  return key;
}

/// The performance-mode sidecars that the filter selects, by scenario.
Scenarios grouped(const std::vector<SidecarRecord>& baseline, const std::vector<SidecarRecord>& head,
                  const ComparisonOptions& options, ComparisonSet& set) {
  Scenarios scenarios;
  std::vector<std::pair<const SidecarRecord*, bool>> without_numbers;
  for (const bool is_head : {false, true}) {
    for (const SidecarRecord& record : is_head ? head : baseline) {
      if (!record.performance_mode) continue;
      (is_head ? set.head_has_tests : set.baseline_has_tests) = true;
      if (!options.filter.matches(record)) continue;
      ++(is_head ? set.head_seen : set.baseline_seen);
      if (!record.counts()) {
        without_numbers.emplace_back(&record, is_head);
        continue;
      }
      ScenarioSides& sides = scenarios[key_of(record, options)];
      (is_head ? sides.head : sides.baseline).push_back(&record);
    }
  }
  for (const auto& [record, is_head] : without_numbers) {
    ScenarioSides& sides = scenarios[home_of(key_of(*record, options), *record, scenarios)];
    (is_head ? sides.head : sides.baseline).push_back(record);
  }
  std::uint64_t placed = 0;
  for (const auto& [key, sides] : scenarios) placed += sides.baseline.size() + sides.head.size();
  KTSTR_ASSERT(placed == set.baseline_seen + set.head_seen);  // each has one scenario
  return scenarios;
}

/// How a side's own manifests name a scenario.
ScenarioKey named_on(const ScenarioKey& key, bool head, const ComparisonOptions& options) {
  ScenarioKey own = key;
  const std::string& value = options.axis_values[head ? 1 : 0];
  switch (options.axis) {
    case Axis::kCommit: break;
    case Axis::kKernel: own.kernel.clear(); break;
    case Axis::kScheduler: own.scheduler = value; break;
    case Axis::kTopology: own.topology = value; break;
  }
  return own;
}

/// HEAD's declarations count: it is HEAD's author who says what must hold.
std::set<DeclaredGate> declared_gates(const Records& head) {
  std::set<DeclaredGate> gates;
  for (const SidecarRecord* record : head) gates.insert(record->declared.begin(), record->declared.end());
  return gates;
}

/// HEAD's cgroups first among the warnings: a verdict on such a run is a verdict on those that ran. The
/// document has all of them.
void tell_starved(ComparisonSet& set) {
  constexpr std::size_t kTold = 10;
  std::size_t told[2] = {0, 0};
  for (const StarvedCgroup& starved : set.starved) {
    if (++told[starved.head ? 1 : 0] <= kTold)
      (starved.head ? set.warnings : set.notes).push_back(shown(starved));
  }
  for (const bool head : {false, true}) {
    const std::size_t all = told[head ? 1 : 0];
    if (all > kTold)
      (head ? set.warnings : set.notes)
          .push_back(std::to_string(all - kTold) + " more cgroups had workers that completed nothing");
  }
}

void tell_other_starts(ComparisonSet& set) {
  if (set.other_start == 0) return;
  set.warnings.push_back(
      "one scheduler program ran from different saved guests (template_id) in " +
      std::to_string(set.other_start) + " of " + std::to_string(set.scenarios) +
      " scenarios: virtual time repeats from one saved guest only; measure both sides again");
}

void add_missing(Missing missing, ComparisonSet& set) {
  set.only_head = missing.only_head;
  set.only_baseline = missing.only_baseline;
  std::move(missing.shortfalls.begin(), missing.shortfalls.end(), std::back_inserter(set.shortfalls));
  std::move(missing.notes.begin(), missing.notes.end(), std::back_inserter(set.notes));
  std::move(missing.warnings.begin(), missing.warnings.end(), std::back_inserter(set.warnings));
}

}  // namespace

namespace {

void compare_known(const std::vector<SidecarRecord>& baseline, const std::vector<SidecarRecord>& head,
                   const ComparisonOptions& options, const MetricRegistry& metrics, ComparisonSet& set) {
  Scenarios scenarios = grouped(baseline, head, options, set);
  const SidePlan baseline_plan(options.baseline_runs), head_plan(options.head_runs);
  const NamedOnSide named = [&](const ScenarioKey& key, bool is_head) {
    return named_on(key, is_head, options);
  };
  set.baseline_has_tests = set.baseline_has_tests || baseline_plan.has_performance_tests();
  set.head_has_tests = set.head_has_tests || head_plan.has_performance_tests();

  std::set<std::string> unpooled;
  Records compared_baseline, compared_head;
  bool any_declared = false;
  for (auto& [key, sides] : scenarios) {
    const PassCount before_count = count_of(sides.baseline), after_count = count_of(sides.head);
    set.runs.push_back({key, before_count, after_count});
    if (sides.head.empty() || sides.baseline.empty()) continue;
    ++set.scenarios;
    sort_by_run(sides.baseline);
    sort_by_run(sides.head);
    const Records before = that_count(sides.baseline), after = that_count(sides.head);
    note_failures(key, "baseline", before_count, set.notes);
    note_failures(key, "HEAD", after_count, set.notes);
    note_not_passed(key, sides, baseline_plan, head_plan, named, set.shortfalls);
    if (before.empty() || after.empty()) {
      ++set.excluded;
      continue;
    }
    KTSTR_ASSERT(before.size() == before_count.passed && after.size() == after_count.passed);
    set.baseline_runs += before.size();
    set.head_runs += after.size();
    compared_baseline.insert(compared_baseline.end(), before.begin(), before.end());
    compared_head.insert(compared_head.end(), after.begin(), after.end());
    any_declared = any_declared || std::any_of(after.begin(), after.end(),
                                               [](const SidecarRecord* r) { return !r->declared.empty(); });
    const std::set<DeclaredGate> gates = options.declared ? declared_gates(after) : std::set<DeclaredGate>{};
    const ScenarioPair pair{key, before, after, gates, metrics};
    const std::size_t first = set.metrics.size();
    compare_metrics(pair, options, set, unpooled);
    compare_phases(pair, options, set);
    KTSTR_ASSERT(set.metrics.size() >= first);
    if (any_overcommitted(before) || any_overcommitted(after)) {
      for (std::size_t i = first; i < set.metrics.size(); ++i) set.metrics[i]->set_overcommitted();
    }
    const Sameness sameness = sameness_of(before, after);
    set.same_scheduler += sameness.scheduler ? 1 : 0;
    set.same_program += sameness.program ? 1 : 0;
    set.other_start += sameness.other_start ? 1 : 0;
  }
  KTSTR_ASSERT(set.runs.size() == scenarios.size() && set.excluded <= set.scenarios);
  KTSTR_ASSERT(compared_baseline.size() == set.baseline_runs && compared_head.size() == set.head_runs);
  KTSTR_ASSERT(set.same_program <= set.scenarios && set.same_scheduler <= set.scenarios);
  tell_starved(set);
  tell_other_starts(set);
  add_missing(find_missing({scenarios, baseline_plan, head_plan, options.filter, named,
                            set.baseline_has_tests, set.head_has_tests}),
              set);
  for (const std::string& line : unpooled) set.notes.push_back(line);
  set.host = host_differences(compared_baseline, compared_head);
  for (const HostDifference& difference : set.host) set.notes.push_back(host_note(difference));
  for (const std::string& line : weaknesses(compared_baseline, compared_head, options.cached))
    set.warnings.push_back(line);
  if (any_declared && !options.declared && options.cached)
    set.warnings.emplace_back(
        "tests declare gates of their own, which only repeated runs evaluate: --noise-adjust N --kernel K");
}

}  // namespace

ComparisonSet compare_sides(const std::vector<SidecarRecord>& baseline,
                            const std::vector<SidecarRecord>& head, const ComparisonOptions& options) {
  static const MetricRegistry kBuiltIn;
  const MetricRegistry& known = options.metrics != nullptr ? *options.metrics : kBuiltIn;
  ComparisonSet set;
  set.payload_metrics = with_payload_metrics(baseline, head, known);
  if (const WithPayloadMetrics* more = set.payload_metrics.get())
    compare_known(more->baseline, more->head, options, more->metrics, set);
  else
    compare_known(baseline, head, options, known, set);
  return set;
}

void require_values(const ComparisonSet& set, const std::vector<std::string>& must_fail,
                    std::vector<Shortfall>& shortfalls) {
  for (const std::string& name : must_fail) {
    const bool judged = std::any_of(set.metrics.begin(), set.metrics.end(),
                                    [&](const auto& metric) { return metric->is_named(name); });
    bool told = judged || set.head_metrics.contains(name);
    for (Shortfall& gap : shortfalls) {
      if (gap.kind != ShortfallKind::kNoValue || gap.reason != name || !(gap.head || !judged)) continue;
      gap.minor = false;
      told = true;
    }
    if (!told) shortfalls.push_back({ShortfallKind::kNoValue, true, "", name, false});
  }
}

}  // namespace ktstr
