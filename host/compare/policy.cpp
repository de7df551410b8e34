// SPDX-License-Identifier: Apache-2.0
#include "compare/policy.hpp"

#include <array>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "sidecar/sidecar.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

constexpr std::array<std::string_view, 6> kPolicyKeys = {
    "$schema", "default_percent", "per_metric_percent", "per_metric_abs", "direction", "scenarios"};
constexpr std::array<std::string_view, 5> kScenarioKeys = {"filter", "default_percent", "per_metric_percent",
                                                           "per_metric_abs", "direction"};

/// {"METRIC": value, …}
template <typename Use>
void each_metric(const StrictObject& object, std::string_view key, const MetricRegistry& metrics, Use use) {
  const Located* located = object.find(key);
  if (located == nullptr) return;
  for (const auto& [name, value] : located->members()) {
    const Metric* metric = metrics.find_path(name);
    if (metric == nullptr || metric->has(Metric::kComponent)) {
      refuse(located->place, "there is no metric \"" + printable(name) + "\"" + metrics.path_suggestion(name),
             "known: " + join(metrics.names(), ", "));
    }
    use(name, value);
  }
}

PolicyLayer parse_layer(const StrictObject& object, const MetricRegistry& metrics) {
  PolicyLayer layer;
  if (const Located* percent = object.find("default_percent"); percent != nullptr && !percent->is_null())
    layer.default_rel = percent->not_negative() / 100;
  each_metric(object, "per_metric_percent", metrics, [&](const std::string& name, const Located& value) {
    layer.rel[name] = value.not_negative() / 100;
  });
  each_metric(object, "per_metric_abs", metrics,
              [&](const std::string& name, const Located& value) { layer.abs[name] = value.not_negative(); });
  each_metric(object, "direction", metrics, [&](const std::string& name, const Located& value) {
    layer.direction[name] = static_cast<std::uint32_t>(value.index_in(kPolarityNames, "direction"));
  });
  return layer;
}

PolicyLayer parse_scenario(const Located& located, const MetricRegistry& metrics) {
  const StrictObject object(located, kScenarioKeys);
  const std::string filter = object.text("filter");
  if (filter.empty()) {
    refuse(object.place(), "\"filter\" is missing: which scenarios does it speak of",
           "for example \"filter\": \"wake*\"; see docs/filter.md");
  }
  PolicyLayer layer = parse_layer(object, metrics);
  layer.where = object.get("filter").place;
  layer.filter = or_mistake(Filter::parse(filter, layer.where));
  return layer;
}

}  // namespace

Policy Policy::uniform(double rel_gate) {
  KTSTR_ASSERT(rel_gate >= 0);
  Policy policy;
  policy.layers_.emplace_back().default_rel = rel_gate;
  return policy;
}

Result<Policy> Policy::parse(std::string_view text, const std::string& file, const MetricRegistry& metrics) {
  return read_document(text, file, kit::for_people(), ExitCode::kUsage, [&](const Located& top) {
    const StrictObject object(top, kPolicyKeys, true);
    Policy policy;
    policy.layers_.push_back(parse_layer(object, metrics));
    if (const Located* scenarios = object.find("scenarios")) {
      for (const Located& item : scenarios->items()) policy.layers_.push_back(parse_scenario(item, metrics));
    }
    return policy;
  });
}

MetricRule Policy::rule(const Metric& metric, const FilterSubject& scenario,
                        const std::vector<std::string>& names) const {
  MetricRule rule{metric.abs_gate, metric.rel_gate, metric.polarity};
  for (const PolicyLayer& layer : layers_) {
    if (!layer.filter.matches(scenario)) continue;
    if (layer.default_rel) rule.rel_gate = *layer.default_rel;
    for (const std::string& name : names) {
      if (const auto it = layer.rel.find(name); it != layer.rel.end()) rule.rel_gate = it->second;
      if (const auto it = layer.abs.find(name); it != layer.abs.end()) rule.abs_gate = it->second;
      if (const auto it = layer.direction.find(name); it != layer.direction.end()) rule.polarity = it->second;
    }
  }
  KTSTR_ASSERT(rule.abs_gate >= 0 && rule.rel_gate >= 0 && rule.polarity <= KTSTR_INFORMATIONAL);
  return rule;
}

std::vector<std::string> Policy::names() const {
  std::set<std::string> names;
  for (const PolicyLayer& layer : layers_) {
    for (const auto* values : {&layer.rel, &layer.abs}) {
      for (const auto& [name, value] : *values) names.insert(name);
    }
    for (const auto& [name, value] : layer.direction) names.insert(name);
  }
  return {names.begin(), names.end()};
}

}  // namespace ktstr
