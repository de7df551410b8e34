// SPDX-License-Identifier: Apache-2.0
#include "core/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "support/text.hpp"

namespace ktstr {
namespace {

constexpr double kNothing = 1e-9;  // both sides below it: there is nothing to compare
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ktstr_str borrowed(std::string_view text) { return {text.data(), text.size()}; }

struct Sides {
  std::vector<const SidecarRecord*> baseline, head;
};

ScenarioKey key_of(const SidecarRecord& r) { return {r.test, r.topology, r.scheduler, r.work_type, r.kernel, r.accelerator, r.time_source}; }

std::string shown(const ScenarioKey& key) { return printable(key.test + " " + key.topology + " " + key.scheduler); }

/// In the order in which they were measured: by plan when there is one, else by time.
void sort_by_run(std::vector<const SidecarRecord*>& records) {
  std::stable_sort(records.begin(), records.end(), [](const SidecarRecord* a, const SidecarRecord* b) {
    if (a->block != b->block) return a->block < b->block;
    if (a->timestamp != b->timestamp) return a->timestamp < b->timestamp;
    return a->file < b->file;
  });
}

std::vector<const SidecarRecord*> that_count(const std::vector<const SidecarRecord*>& records) {
  std::vector<const SidecarRecord*> out;
  std::copy_if(records.begin(), records.end(), std::back_inserter(out), [](const SidecarRecord* r) { return r->counts(); });
  return out;
}

/// "5 of 6 runs did not pass" for a side that is not complete.
void note_failures(const ScenarioKey& key, const char* side, std::size_t all, std::size_t good, std::vector<std::string>& notes) {
  if (good == all) return;
  notes.push_back(shown(key) + ": " + std::to_string(all - good) + " of " + std::to_string(all) + " " + side + " runs did not pass and are left out");
}

using Records = std::vector<const SidecarRecord*>;

void note_host_differences(const Records& baseline, const Records& head, std::vector<std::string>& notes) {
  const auto identity = [](const Records& side) {
    std::vector<const HostIdentity*> hosts;
    for (const SidecarRecord* record : side) hosts.push_back(&record->host_identity);
    return merged_identity(hosts);
  };
  const HostIdentity before = identity(baseline), after = identity(head);
  if (before.empty() || after.empty()) return;
  for (const HostDifference& d : host_delta(before, after)) {
    notes.push_back("measured on different hosts: " + printable(d.key) + " " + printable(d.before) + " -> " + printable(d.after));
  }
}

}  // namespace

MetricComparison::MetricComparison(const ScenarioKey& scenario, const Metric& metric, double rel_gate) : key_(scenario), metric_(metric), rel_gate_(rel_gate) {}

void MetricComparison::add(bool head, double value, std::uint64_t block, std::uint64_t seed) {
  Side& side = head ? head_ : baseline_;
  side.values.push_back(value);
  side.blocks.push_back(block);
  side.seeds.push_back(seed);
}

void MetricComparison::add_parts(bool head, double numerator, double denominator) {
  Side& side = head ? head_ : baseline_;
  side.numerator += numerator;
  side.denominator += denominator;
  ++side.parts;
}

double MetricComparison::Side::estimate(Fold fold) const {
  if (values.empty()) return kNaN;
  if (fold == Fold::kPooled && parts == values.size() && parts > 1 && denominator > 0 && std::isfinite(numerator / denominator)) return numerator / denominator;
  if (fold == Fold::kMax) return *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += value / static_cast<double>(values.size());  // no overflow for huge values
  // Equal values must give exactly themselves, whatever rounding the division brings.
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); }) ? values.front() : sum;
}

ktstr_samples MetricComparison::Side::samples(bool paired) const {
  return {values.data(), paired ? blocks.data() : nullptr, paired ? seeds.data() : nullptr, values.size()};
}

void MetricComparison::finish(bool paired, bool deterministic, bool cached) {
  scenario_ = {sizeof scenario_, 0, borrowed(key_.test), borrowed(key_.topology), borrowed(key_.scheduler), borrowed(key_.work_type), borrowed(key_.kernel)};
  comparison_.size = sizeof comparison_;
  comparison_.polarity = metric_.polarity;
  comparison_.metric_class = metric_.metric_class;
  comparison_.flags = (paired ? KTSTR_COMPARISON_PAIRED : 0U) | (deterministic ? KTSTR_COMPARISON_DETERMINISTIC : 0U) | (cached ? KTSTR_COMPARISON_CACHED : 0U);
  comparison_.scenario = &scenario_;
  comparison_.metric = borrowed(metric_.name);
  comparison_.unit = borrowed(metric_.unit);
  comparison_.abs_gate = metric_.abs_gate;
  comparison_.rel_gate = rel_gate_;
  comparison_.baseline = baseline_.samples(paired);
  comparison_.head = head_.samples(paired);
  comparison_.baseline_estimate = baseline_.estimate(metric_.fold);
  comparison_.head_estimate = head_.estimate(metric_.fold);
  comparison_.history = {kNaN, kNaN, kNaN, kNaN, 0};
  comparison_.resolution = 0;
  comparison_.extra_json = borrowed("{}");
}

ComparisonSet compare_sides(const std::vector<SidecarRecord>& baseline, const std::vector<SidecarRecord>& head, const ComparisonOptions& options) {
  static const MetricRegistry kBuiltIn;
  const MetricRegistry& registry = options.metrics != nullptr ? *options.metrics : kBuiltIn;
  ComparisonSet set;
  std::map<ScenarioKey, Sides> groups;
  const auto wanted = [&](const SidecarRecord& record) { return record.performance_mode && (options.filter.empty() || glob_match(options.filter, record.test)); };
  for (const SidecarRecord& record : baseline) {
    if (!wanted(record)) continue;
    groups[key_of(record)].baseline.push_back(&record);
    ++set.baseline_seen;
  }
  for (const SidecarRecord& record : head) {
    if (!wanted(record)) continue;
    groups[key_of(record)].head.push_back(&record);
    ++set.head_seen;
  }

  std::set<std::string> lonely, unpooled;
  Records compared_baseline, compared_head;
  for (auto& [key, sides] : groups) {
    if (sides.head.empty() || sides.baseline.empty()) {
      ++(sides.baseline.empty() ? set.only_head : set.only_baseline);
      // The same test under another accelerator or clock is a different measurement, not a missing one.
      for (const auto& [other, other_sides] : groups) {
        if (!sides.baseline.empty() || !other_sides.head.empty()) continue;  // HEAD alone against the baseline alone, said once
        if (other.test == key.test && other.topology == key.topology && other.scheduler == key.scheduler && other.work_type == key.work_type &&
            other.kernel == key.kernel && (other.accelerator != key.accelerator || other.time_source != key.time_source)) {
          lonely.insert(shown(key) + ": not compared, the baseline ran with " + printable(other.accelerator + "/" + other.time_source) + ", HEAD with " +
                        printable(key.accelerator + "/" + key.time_source));
        }
      }
      continue;
    }
    ++set.scenarios;
    sort_by_run(sides.baseline);
    sort_by_run(sides.head);
    const auto before = that_count(sides.baseline), after = that_count(sides.head);
    note_failures(key, "baseline", sides.baseline.size(), before.size(), set.notes);
    note_failures(key, "HEAD", sides.head.size(), after.size(), set.notes);
    if (before.empty() || after.empty()) {
      ++set.excluded;
      continue;
    }
    set.baseline_runs += before.size();
    set.head_runs += after.size();
    compared_baseline.insert(compared_baseline.end(), before.begin(), before.end());
    compared_head.insert(compared_head.end(), after.begin(), after.end());
    const auto planned = [](const auto& records) { return std::all_of(records.begin(), records.end(), [](const auto* r) { return r->block.has_value(); }); };
    const bool paired = planned(before) && planned(after);
    const bool deterministic = key.time_source == "virtual";

    for (const Metric& metric : registry.rows()) {
      if (!metric.compares(!options.cached)) continue;
      auto comparison = std::make_unique<MetricComparison>(key, metric, options.uniform_rel_gate >= 0 ? options.uniform_rel_gate : metric.rel_gate);
      std::size_t have_before = 0, have_after = 0;
      bool something = false;
      for (const bool is_head : {false, true}) {
        for (const SidecarRecord* record : is_head ? after : before) {
          const auto value = record->values.find(metric.name);
          if (value == record->values.end()) continue;
          ++(is_head ? have_after : have_before);
          something = something || std::fabs(value->second) >= kNothing;
          comparison->add(is_head, value->second, record->block.value_or(0), record->seed.value_or(0));
          const auto numerator = record->values.find(metric.numerator), denominator = record->values.find(metric.denominator);
          if (metric.is_rate() && numerator != record->values.end() && denominator != record->values.end()) comparison->add_parts(is_head, numerator->second, denominator->second);
        }
      }
      if (have_before + have_after == 0 || !something) continue;
      if (have_before == 0 || have_after == 0) {
        set.notes.push_back(shown(key) + ": " + std::string(metric.name) + " was reported by " + (have_before == 0 ? "HEAD" : "the baseline") + " only");
        continue;
      }
      if (comparison->lacks_parts()) {
        unpooled.insert(std::string(metric.name) + ": mean of the runs' rates, because not every run recorded " +
                        (metric.is_rate() ? std::string(metric.numerator) + " and " + std::string(metric.denominator) : std::string("what it divides")));
      }
      comparison->finish(paired, deterministic, options.cached);
      set.metrics.push_back(std::move(comparison));
    }
  }
  set.notes.insert(set.notes.end(), lonely.begin(), lonely.end());
  set.notes.insert(set.notes.end(), unpooled.begin(), unpooled.end());
  note_host_differences(compared_baseline, compared_head, set.notes);
  return set;
}

}  // namespace ktstr
