// SPDX-License-Identifier: Apache-2.0
#include "core/metric_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "support/text.hpp"

namespace ktstr {
namespace {

constexpr double kNothing = 1e-9;  // both sides below it: there is nothing to compare

MetricRule with_declared(MetricRule rule, const DeclaredGate& gate) {
  if (gate.direction) rule.polarity = *gate.direction;
  if (gate.rel_gate) rule.rel_gate = *gate.rel_gate;
  if (gate.abs_gate) rule.abs_gate = *gate.abs_gate;
  return rule;
}

}  // namespace

void compare_metrics(const ScenarioPair& pair, const ComparisonOptions& options, ComparisonSet& set, std::set<std::string>& unpooled) {
  const auto planned = [](const Records& records) { return std::all_of(records.begin(), records.end(), [](const auto* r) { return r->block.has_value(); }); };
  const bool paired = !options.cached && options.alternating && planned(pair.before) && planned(pair.after);
  for (const Metric& metric : pair.metrics.rows()) {
    if (!metric.compares(!options.cached)) continue;
    MetricRule rule = options.policy.rule(metric, pair.key.subject());
    bool declared = false;
    for (const DeclaredGate& gate : pair.gates) {
      if (gate.metric != metric.name || !gate.phase.empty()) continue;
      rule = with_declared(rule, gate);
      declared = true;
    }
    auto comparison = std::make_unique<MetricComparison>(pair.key, metric, rule);
    std::size_t have[2] = {0, 0};
    bool something = false;
    for (const bool is_head : {false, true}) {
      for (const SidecarRecord* record : is_head ? pair.after : pair.before) {
        const auto value = record->values.find(metric.name);
        if (value == record->values.end()) continue;
        ++have[is_head ? 1 : 0];
        something = something || std::fabs(value->second) >= kNothing;
        comparison->add(is_head, value->second, record->block.value_or(0), record->seed.value_or(0));
        const auto numerator = record->values.find(metric.numerator), denominator = record->values.find(metric.denominator);
        if (metric.is_rate() && numerator != record->values.end() && denominator != record->values.end()) comparison->add_parts(is_head, numerator->second, denominator->second);
      }
    }
    if (have[1] > 0) set.head_metrics.emplace(metric.name);
    if (!something) continue;
    if (have[0] == 0 || have[1] == 0) {
      ++set.uncovered;
      set.shortfalls.push_back({ShortfallKind::kNoValue, have[0] != 0, shown(pair.key), std::string(metric.name), true});
      set.notes.push_back(shown(pair.key) + ": " + std::string(metric.name) + " was reported by " + (have[0] == 0 ? "HEAD" : "the baseline") + " only");
      continue;
    }
    if (comparison->lacks_parts()) {
      unpooled.insert(std::string(metric.name) + ": mean of the runs' rates, because not every run recorded " +
                      (metric.is_rate() ? std::string(metric.numerator) + " and " + std::string(metric.denominator) : std::string("what it divides")));
    }
    comparison->finish(paired, pair.key.time_source == "virtual", options.cached || !options.alternating);
    if (declared) comparison->set_declared();
    set.metrics.push_back(std::move(comparison));
  }
}

void compare_phases(const ScenarioPair& pair, const ComparisonOptions& options, ComparisonSet& set) {
  auto rows = phase_rows(pair.key, pair.before, pair.after, pair.metrics, options.policy);
  set.phases.insert(set.phases.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  for (const DeclaredGate& gate : pair.gates) {
    const Metric* metric = pair.metrics.find(gate.metric);
    if (metric == nullptr) {
      set.warnings.push_back(shown(pair.key) + ": declares a gate on \"" + printable(gate.metric) + "\", which is no metric" + suggestion(gate.metric, pair.metrics.names()));
    } else if (!gate.phase.empty()) {
      auto comparison = phase_comparison(pair.key, gate, *metric, with_declared(options.policy.rule(*metric, pair.key.subject()), gate), pair.before, pair.after);
      if (comparison == nullptr) {
        set.warnings.push_back(shown(pair.key) + ": declares a gate on " + gate.metric + " in the phase \"" + printable(gate.phase) + "\", which no run of both sides has");
      } else {
        set.metrics.push_back(std::move(comparison));
      }
    }
  }
}

}  // namespace ktstr
