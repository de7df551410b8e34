// SPDX-License-Identifier: Apache-2.0
#include "compare/phases.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>
#include <map>
#include <set>

namespace ktstr {
namespace {

using Records = std::vector<const SidecarRecord*>;

PhaseSide side_of(const std::vector<double>& values) {
  PhaseSide side{values.size(), 0, 0, 0};
  if (values.empty()) return side;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  side.min = *low;
  side.max = *high;
  side.mean = kit::mean(values);
  KTSTR_ASSERT(side.min <= side.max);
  return side;
}

bool is_phase(const PhaseRecord& phase, const std::string& wanted) {
  return phase.label == wanted || std::to_string(phase.index) == wanted;
}

}  // namespace

std::vector<PhaseRow> phase_rows(const ScenarioKey& key, const Records& baseline, const Records& head,
                                 const MetricRegistry& metrics, const Policy& policy) {
  struct Values {
    std::string label;
    std::map<std::string, std::vector<double>, std::less<>> baseline, head;
  };
  std::map<std::uint64_t, Values> phases;
  for (const bool is_head : {false, true}) {
    for (const SidecarRecord* record : is_head ? head : baseline) {
      for (const PhaseRecord& phase : record->phases) {
        Values& values = phases[phase.index];
        values.label = phase.label;
        for (const auto& [name, value] : phase.values)
          (is_head ? values.head : values.baseline)[name].push_back(value);
      }
    }
  }
  std::vector<PhaseRow> rows;
  for (const auto& [index, values] : phases) {
    for (const Metric& metric : metrics.rows()) {
      if (metric.has(Metric::kComponent)) continue;
      const auto before = values.baseline.find(metric.name), after = values.head.find(metric.name);
      if (before == values.baseline.end() || after == values.head.end()) continue;
      PhaseRow row{key,
                   index,
                   values.label,
                   &metric,
                   policy.rule(metric, key.subject()),
                   side_of(before->second),
                   side_of(after->second),
                   0};
      row.relative = kit::relative_change(row.baseline.mean, row.head.mean);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string missing_phase(const std::vector<PhaseRow>& rows, const PhaseSelection& selection) {
  if (!selection.phase) return {};
  std::set<std::uint64_t> known;
  for (const PhaseRow& row : rows) known.insert(row.index);
  if (known.contains(*selection.phase)) return {};
  std::vector<std::string> names;
  for (const std::uint64_t index : known) names.push_back(std::to_string(index));
  return "--phase " + std::to_string(*selection.phase) + ": no scenario has that phase on both sides (" +
         (names.empty() ? "none has any" : "there are " + join(names, ", ")) + ")";
}

std::vector<PhaseRow> select_phases(const std::vector<PhaseRow>& rows, const PhaseSelection& selection,
                                    bool all) {
  std::vector<PhaseRow> selected;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(selected), [&](const PhaseRow& row) {
    if (selection.steps_only && row.index == 0) return false;
    if (selection.phase && row.index != *selection.phase) return false;
    if (all) return true;
    const double change = std::fabs(row.relative);
    if (selection.least_change) return change >= *selection.least_change && change > 0;
    return change > 0 && change >= row.rule.rel_gate &&
           std::fabs(row.head.mean - row.baseline.mean) >= row.rule.abs_gate;
  });
  return selected;
}

std::unique_ptr<MetricComparison> phase_comparison(const ScenarioKey& key, const DeclaredGate& gate,
                                                   const Metric& metric, const MetricRule& rule,
                                                   const Records& baseline, const Records& head) {
  auto comparison = std::make_unique<MetricComparison>(key, metric, rule, gate.phase);
  bool paired = true;
  std::size_t found[2] = {0, 0};
  for (const bool is_head : {false, true}) {
    for (const SidecarRecord* record : is_head ? head : baseline) {
      paired = paired && record->block.has_value();
      const auto phase = std::find_if(record->phases.begin(), record->phases.end(),
                                      [&](const PhaseRecord& p) { return is_phase(p, gate.phase); });
      if (phase == record->phases.end()) continue;
      const auto value = phase->values.find(gate.metric);
      if (value == phase->values.end()) continue;
      comparison->add(is_head, value->second, record->block.value_or(0), record->seed.value_or(0));
      ++found[is_head ? 1 : 0];
    }
  }
  if (found[0] == 0 || found[1] == 0) return nullptr;
  KTSTR_ASSERT(found[0] <= baseline.size() && found[1] <= head.size());
  comparison->finish(paired, key.time_source == "virtual", false);
  comparison->set_declared();
  return comparison;
}

}  // namespace ktstr
