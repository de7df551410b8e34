// SPDX-License-Identifier: Apache-2.0
#include "tables/manifest_schema.hpp"

#include <boost/json.hpp>
#include <string>

#include "manifest/assertion_table.hpp"
#include "manifest/canned_scenarios.hpp"
#include "manifest/expectation_table.hpp"
#include "manifest/keys.hpp"
#include "manifest/parameter_reader.hpp"
#include "manifest/topology_presets.hpp"
#include "protocol/work_actions.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using std::string_view;

json::string owned(string_view text) { return json::string(text.data(), text.size()); }

json::object reference(const std::string& definition) { return {{"$ref", "#/$defs/" + definition}}; }

json::object integer(std::int64_t min, std::int64_t max) {
  return {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}

json::array choices_of(const Parameter& parameter) {
  json::array names;
  for (const string_view choice : split_choices(parameter.choices)) names.emplace_back(owned(choice));
  return names;
}

json::object value_schema(const Parameter& parameter) {
  switch (parameter.kind) {
    case ParameterKind::kCount: {
      json::object count = integer(parameter.min, parameter.max);
      const bool has_default =
          parameter.default_value >= parameter.min && parameter.default_value <= parameter.max;
      if (parameter.optional && has_default) count["default"] = parameter.default_value;
      return count;
    }
    case ParameterKind::kFlag: return {{"type", "boolean"}, {"default", parameter.default_value != 0}};
    case ParameterKind::kText:
      return {{"type", "string"}, {"maxLength", parameter.max}, {"pattern", "^[ -~]+$"}};
    case ParameterKind::kTexts:
      return {{"type", "array"},
              {"minItems", 1},
              {"maxItems", parameter.max},
              {"items", {{"type", "string"}, {"maxLength", kLongestListedText}, {"pattern", "^[ -~]+$"}}}};
    case ParameterKind::kChoice: {
      json::object choice{{"enum", choices_of(parameter)}};
      if (parameter.optional) choice["default"] = owned(first_choice(parameter.choices));
      return choice;
    }
    case ParameterKind::kCgroup:
    case ParameterKind::kNewCgroup: return reference("cgroup_name");
    case ParameterKind::kPayload: return reference("name");
    case ParameterKind::kScheduler: return reference("scheduler_choice");
    case ParameterKind::kCpus: return reference("cpuset");
    case ParameterKind::kNodes: return {{"type", "array"}, {"minItems", 1}, {"items", integer(0, 254)}};
    case ParameterKind::kActions:
      return {
          {"type", "array"}, {"minItems", 1}, {"maxItems", parameter.max}, {"items", reference("action")}};
    case ParameterKind::kWorkers:
    case ParameterKind::kCgroupAttributes:
    case ParameterKind::kTaskAttributes: break;  // the object is made of them
  }
  return {};
}

/// An object that grows by rows of tables.
struct ObjectSchema {
  json::object properties;
  json::array required;

  void add(const Parameter& parameter) {
    json::object value = value_schema(parameter);
    value["description"] = owned(parameter.description);
    properties[owned(parameter.name)] = std::move(value);
    if (!parameter.optional) required.emplace_back(owned(parameter.name));
  }
  void add_all(std::span<const Parameter> parameters) {
    for (const Parameter& parameter : parameters) add(parameter);
  }
  void add_workers() {
    properties["work"] = reference("work");
    properties["workers"] = integer(1, 1024);
    properties["workers"].as_object()["description"] =
        "how many; left out: one group of its work, at least 2";
    add_all(kTaskAttributes);
  }
  void add_groups() {
    properties["groups"] = {{"type", "array"},
                            {"minItems", 1},
                            {"maxItems", 64},
                            {"items", reference("workers")},
                            {"description", "more workers, with other work or other attributes"}};
  }
  void add_repeat() { properties["repeat"] = reference("repeat"); }
  json::object finish(string_view description) const {
    json::object out{
        {"type", "object"}, {"description", owned(description)}, {"additionalProperties", false}};
    if (!required.empty()) out["required"] = required;
    out["properties"] = properties;
    return out;
  }
};

/// What is said of workers needs work.
json::object workers_need_work() {
  json::object needs{{"workers", json::array{"work"}}};
  for (const Parameter& attribute : kTaskAttributes) needs[owned(attribute.name)] = json::array{"work"};
  return needs;
}

json::object cgroup_schema() {
  ObjectSchema cgroup;
  cgroup.properties["name"] = reference("cgroup_name");
  cgroup.required.emplace_back("name");
  cgroup.add_all(cgroup_parameters());
  cgroup.add_workers();
  cgroup.add_groups();
  cgroup.add_repeat();
  json::object out = cgroup.finish("a cgroup, its attributes and its workers");
  out["dependentRequired"] = workers_need_work();
  return out;
}

json::object workers_schema() {
  ObjectSchema workers;
  workers.required.emplace_back("work");
  workers.add_workers();
  workers.add_repeat();
  return workers.finish("workers that do the same");
}

json::object work_schema(const WorkType& type) {
  ObjectSchema work;
  work.properties["type"] = {{"const", owned(type.name)}};
  work.required.emplace_back("type");
  work.add_all(type.parameters);
  return work.finish(type.description);
}

json::object requires_key(string_view key) { return {{"required", json::array{owned(key)}}}; }

json::array any_required(std::span<const Parameter> parameters) {
  json::array any;
  for (const Parameter& parameter : parameters) any.emplace_back(requires_key(parameter.name));
  return any;
}

json::object operation_schema(const OperationType& type) {
  ObjectSchema operation;
  json::object more;
  operation.properties["op"] = {{"const", owned(type.name)}};
  operation.required.emplace_back("op");
  for (const Parameter& parameter : type.parameters) {
    switch (parameter.kind) {
      case ParameterKind::kNewCgroup:
        operation.add(parameter);
        operation.add_all(cgroup_parameters());
        break;
      case ParameterKind::kWorkers:
        operation.add_workers();
        operation.add_groups();
        more["dependentRequired"] = workers_need_work();
        break;
      case ParameterKind::kCgroupAttributes: operation.add_all(cgroup_parameters()); break;
      case ParameterKind::kTaskAttributes: operation.add_all(kTaskAttributes); break;
      default: operation.add(parameter);
    }
    if (parameter.kind == ParameterKind::kCgroupAttributes) more["anyOf"] = any_required(cgroup_parameters());
    if (parameter.kind == ParameterKind::kTaskAttributes) more["anyOf"] = any_required(kTaskAttributes);
    if (parameter.kind == ParameterKind::kWorkers && type.name == "spawn")
      more["anyOf"] = {requires_key("work"), requires_key("groups")};
  }
  operation.add_repeat();
  json::object out = operation.finish(type.description);
  for (auto& entry : more) out[entry.key()] = std::move(entry.value());
  return out;
}

json::object action_schema() {
  json::object properties;
  json::array one;
  for (const WorkAction& action : kWorkActions) {
    json::object amount =
        integer(static_cast<std::int64_t>(action.min), static_cast<std::int64_t>(action.max));
    if (action.min == 1 && action.max == 1) amount = {{"enum", {1, true}}};
    amount["description"] = owned(action.description);
    properties[owned(action.name)] = std::move(amount);
    one.emplace_back(requires_key(action.name));
  }
  properties["repeat"] = reference("repeat");
  return {{"type", "object"},
          {"description", "one action of a Sequence"},
          {"additionalProperties", false},
          {"oneOf", std::move(one)},
          {"properties", std::move(properties)}};
}

json::object assert_schema() {
  json::object properties;
  for (const Assertion& row : kAssertions) {
    json::object value;
    if (row.kind == AssertionKind::kFlag) {
      value = {{"type", "boolean"}, {"default", false}};
    } else if (row.kind == AssertionKind::kCount) {
      value = integer(static_cast<std::int64_t>(row.min), static_cast<std::int64_t>(row.max));
    } else {
      value = {{"type", "number"}, {"minimum", row.min}, {"maximum", row.max}};
    }
    value["description"] = owned(row.description);
    properties[owned(row.name)] = std::move(value);
  }
  return {{"type", "object"},
          {"description", "what the result has to be like"},
          {"additionalProperties", false},
          {"properties", std::move(properties)}};
}

json::object expectation_field_schema(string_view name) {
  const ExpectationField& field = kExpectationFields.at(expectation_field(name));
  json::object value;
  switch (field.kind) {
    case ExpectationFieldKind::kFigure: value = {{"type", "string"}, {"maxLength", 300}}; break;
    case ExpectationFieldKind::kSeries: {
      json::array names;
      for (const SeriesType& row : kSeriesTypes) names.emplace_back(owned(row.name));
      value = {{"enum", std::move(names)}};
      break;
    }
    case ExpectationFieldKind::kPlace: value = {{"type", "string"}, {"maxLength", 64}}; break;
    case ExpectationFieldKind::kNumber: value = {{"type", "number"}}; break;
    case ExpectationFieldKind::kMilliseconds: value = integer(0, 3'600'000); break;
  }
  value["description"] = owned(field.description);
  return value;
}

json::object expectation_schema(const ExpectationType& type) {
  json::object properties{{"that", {{"const", owned(type.name)}}}};
  json::array required{"that"};
  for (const string_view name : type.required) required.emplace_back(owned(name));
  for (const auto& names : {type.required, type.optional}) {
    for (const string_view name : names) properties[owned(name)] = expectation_field_schema(name);
  }
  properties["repeat"] = reference("repeat");
  json::object out{{"type", "object"},
                   {"description", owned(type.description)},
                   {"additionalProperties", false},
                   {"required", std::move(required)},
                   {"properties", std::move(properties)}};
  if (type.needs_limit) out["anyOf"] = {requires_key("min"), requires_key("max")};
  return out;
}

void add_payload_attributes(json::object& payload) {
  ObjectSchema attributes;
  attributes.add_all(kTaskAttributes);
  attributes.add_repeat();
  for (const auto& entry : attributes.properties) payload[entry.key()] = entry.value();
}

/// A canned scenario with its parameters; by its name alone, they are as the row has them.
json::object canned_schema(const CannedScenario& row) {
  json::object properties{{"name", {{"const", owned(row.name)}}}};
  const json::value params = json::parse({row.params.data(), row.params.size()});
  for (const auto& entry : params.as_object())
    properties[entry.key()] = {{"type", {"integer", "number", "string", "boolean"}},
                               {"default", entry.value()}};
  return {{"type", "object"},
          {"description", owned(row.description)},
          {"additionalProperties", false},
          {"required", json::array{"name"}},
          {"properties", std::move(properties)}};
}

json::object scenario_schema() {
  json::array names, any;
  for (const CannedScenario& row : kCannedScenarios) names.emplace_back(owned(row.name));
  any.emplace_back(json::object{{"enum", std::move(names)}});
  for (const CannedScenario& row : kCannedScenarios) any.emplace_back(canned_schema(row));
  return {{"description", "cgroups and steps that have a name"}, {"anyOf", std::move(any)}};
}

json::object preset_schema() {
  json::array names;
  for (const TopologyPreset& preset : kTopologyPresets) names.emplace_back(owned(preset.name));
  return {{"enum", std::move(names)}};
}

/// What a test says, without its name and what it has to say.
json::object defaults_schema(json::object test) {
  test.erase("required");
  test.at("properties").as_object().erase("name");
  test["description"] = "what every test has that does not say otherwise";
  return test;
}

/// A scheduler that is declared once; its name is its key.
json::object shared_scheduler_schema(json::object scheduler, const json::object& test) {
  json::object& properties = scheduler.at("properties").as_object();
  properties.erase("name");
  for (const string_view key : keys::kOfSchedulersTests)
    properties[owned(key)] = test.at("properties").at(owned(key));
  scheduler["required"] = json::array{"binary"};
  scheduler["description"] = "a scheduler, and what it says for every test with it";
  return scheduler;
}

/// A parameter's name ("$n") may stand wherever a value does, and "${n}" within any text.
void allow_parameters(json::value& schema) {
  if (schema.is_array()) {
    for (json::value& item : schema.get_array()) allow_parameters(item);
    return;
  }
  if (!schema.is_object()) return;
  json::object& object = schema.get_object();
  const json::value* type = object.if_contains("type");
  const bool is_text = type != nullptr && type->is_string() && type->get_string() == "string";
  const bool is_scalar = object.contains("enum") || object.contains("const") || is_text ||
                         (type != nullptr && type->is_string() &&
                          (type->get_string() == "integer" || type->get_string() == "number" ||
                           type->get_string() == "boolean"));
  if (!is_scalar) {
    for (auto& entry : object) {
      if (entry.key() != "not" && entry.key() != "params") allow_parameters(entry.value());
    }
    return;
  }
  if (is_text && !object.contains("pattern")) return;  // any text is right
  json::object either{{"anyOf", {object, reference("parameter")}}};
  for (const char* key : {"description", "default"}) {
    if (object.contains(key)) either[key] = object.at(key);
  }
  object = std::move(either);
}

/// One definition for each row, and one that is any of them.
template <typename Table, typename Make>
void define_each(json::object& definitions, const std::string& kind, const Table& table, Make make) {
  json::array any;
  for (const auto& row : table) {
    const std::string name = kind + "_" + std::string(row.name);
    definitions[name] = make(row);
    any.emplace_back(reference(name));
  }
  definitions[kind] = {{"anyOf", std::move(any)}};  // not oneOf: its name may be a parameter
}

}  // namespace

json::object manifest_schema(json::object base) {
  json::object& definitions = base.at("$defs").as_object();
  definitions["cgroup"] = cgroup_schema();
  definitions["workers"] = workers_schema();
  define_each(definitions, "work", kWorkTypes, work_schema);
  define_each(definitions, "operation", kOperations, operation_schema);
  definitions["action"] = action_schema();
  add_payload_attributes(definitions.at("payload").at("properties").as_object());
  definitions["assert"] = assert_schema();
  define_each(definitions, "expectation", kExpectationTypes, expectation_schema);
  definitions["scenario"] = scenario_schema();
  definitions["topology_preset"] = preset_schema();
  const json::object test = definitions.at("test").as_object();
  definitions["defaults"] = defaults_schema(test);
  definitions["shared_scheduler"] = shared_scheduler_schema(definitions.at("scheduler").as_object(), test);
  for (auto& definition : definitions) allow_parameters(definition.value());
  definitions["parameter"] = {{"type", "string"},
                              {"pattern", "\\$[A-Za-z0-9_]+|\\$\\{[A-Za-z0-9_]+\\}"},
                              {"description", "of \"params\" or \"matrix\": \"$n\", \"web_${n}\""}};
  definitions["repeat"] = {{"anyOf", {integer(1, 1024), reference("parameter")}},
                           {"description", "so many of this; \"$i\" and \"${i}\" count from 0"}};
  return base;
}

}  // namespace ktstr::kvm
