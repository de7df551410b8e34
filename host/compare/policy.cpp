// SPDX-License-Identifier: Apache-2.0
#include "compare/policy.hpp"

#include <cmath>
#include <ktstr/kit/text.hpp>
#include <set>

#include "sidecar/sidecar.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

Result<double> not_negative(const json::value& value, const std::string& where) {
  if (!value.is_number()) return usage_error(where + ": expected a number, found " + kind_name(value));
  const double number = value.to_number<double>();
  if (!(number >= 0) || std::isinf(number)) return usage_error(where + ": must be 0 or more");
  return number;
}

Status known_metric(std::string_view name, const MetricRegistry& metrics, const std::string& where) {
  const Metric* metric = metrics.find_path(name);
  if (metric != nullptr && !metric->has(Metric::kComponent)) return Ok{};
  return usage_error(
      where + ": there is no metric \"" + printable(name) + "\"" + metrics.path_suggestion(name),
      "known: " + join(metrics.names(), ", "));
}

/// {"METRIC": value, …}
template <typename Use>
Status each_metric(const ObjectReader& object, const char* key, const MetricRegistry& metrics, Use use) {
  const json::value* value = object.find(key);
  if (value == nullptr) return Ok{};
  if (!value->is_object())
    return usage_error(object.where(key) + ": expected an object, found " + kind_name(*value));
  for (const auto& entry : value->get_object()) {
    const std::string name(entry.key());
    if (const Status known = known_metric(name, metrics, object.where(key)); !known) return known;
    if (const Status used = use(name, entry.value(), object.where(key) + "." + name); !used) return used;
  }
  return Ok{};
}

Result<PolicyLayer> parse_layer(const ObjectReader& object, const MetricRegistry& metrics) {
  PolicyLayer layer;
  if (const json::value* value = object.find("default_percent"); value != nullptr && !value->is_null()) {
    const auto percent = not_negative(*value, object.where("default_percent"));
    if (!percent) return percent.error();
    layer.default_rel = *percent / 100;
  }
  const Status rel =
      each_metric(object, "per_metric_percent", metrics,
                  [&](const std::string& name, const json::value& value, const std::string& where) -> Status {
                    const auto percent = not_negative(value, where);
                    if (!percent) return percent.error();
                    layer.rel[name] = *percent / 100;
                    return Ok{};
                  });
  if (!rel) return rel.error();
  const Status abs =
      each_metric(object, "per_metric_abs", metrics,
                  [&](const std::string& name, const json::value& value, const std::string& where) -> Status {
                    const auto number = not_negative(value, where);
                    if (!number) return number.error();
                    layer.abs[name] = *number;
                    return Ok{};
                  });
  if (!abs) return abs.error();
  const Status direction =
      each_metric(object, "direction", metrics,
                  [&](const std::string& name, const json::value& value, const std::string& where) -> Status {
                    const auto found = value.is_string() ? direction_of(value.get_string()) : std::nullopt;
                    if (!found)
                      return usage_error(where + ": expected \"lower\", \"higher\" or \"informational\"",
                                         "it says which way is better");
                    layer.direction[name] = *found;
                    return Ok{};
                  });
  if (!direction) return direction.error();
  return layer;
}

}  // namespace

Policy Policy::uniform(double rel_gate) {
  Policy policy;
  policy.layers_.emplace_back().default_rel = rel_gate;
  return policy;
}

Result<Policy> Policy::parse(std::string_view text, const std::string& file, const MetricRegistry& metrics) {
  const auto parsed = parse_json(text, file, kit::for_people());
  if (!parsed) return usage_error(parsed.error().message, parsed.error().hint);
  if (!parsed->is_object())
    return usage_error(file + ": a policy must be an object, found " + kind_name(*parsed));
  const ObjectReader object(parsed->get_object(), file + ": ");
  if (const Status known = object.only(
          {"$schema", "default_percent", "per_metric_percent", "per_metric_abs", "direction", "scenarios"});
      !known)
    return known.error();
  auto top = parse_layer(object, metrics);
  if (!top) return top.error();
  Policy policy;
  policy.layers_.push_back(std::move(*top));
  const json::value* scenarios = object.find("scenarios");
  if (scenarios == nullptr) return policy;
  if (!scenarios->is_array())
    return usage_error(object.where("scenarios") + ": expected an array, found " + kind_name(*scenarios));
  for (const json::value& element : scenarios->get_array()) {
    const std::string where =
        object.where("scenarios") + "[" + std::to_string(policy.layers_.size() - 1) + "]";
    if (!element.is_object()) return usage_error(where + ": expected an object, found " + kind_name(element));
    const ObjectReader scenario(element.get_object(), where);
    if (const Status known =
            scenario.only({"filter", "default_percent", "per_metric_percent", "per_metric_abs", "direction"});
        !known)
      return known.error();
    const auto filter_text = scenario.text("filter");
    if (!filter_text) return filter_text.error();
    if (filter_text->empty())
      return usage_error(where + ": \"filter\" is missing: which scenarios does it speak of",
                         "for example \"filter\": \"wake*\"; see docs/filter.md");
    auto filter = Filter::parse(*filter_text, scenario.where("filter"));
    if (!filter) return filter.error();
    auto layer = parse_layer(scenario, metrics);
    if (!layer) return layer.error();
    layer->where = scenario.where("filter");
    layer->filter = std::move(*filter);
    policy.layers_.push_back(std::move(*layer));
  }
  return policy;
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
