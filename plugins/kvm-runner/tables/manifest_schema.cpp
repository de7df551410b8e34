// SPDX-License-Identifier: Apache-2.0
#include "tables/manifest_schema.hpp"

#include <boost/json.hpp>
#include <string>

#include "manifest/assertion_table.hpp"
#include "manifest/parameter_reader.hpp"
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
      const bool has_default = parameter.default_value >= parameter.min && parameter.default_value <= parameter.max;
      if (parameter.optional && has_default) count["default"] = parameter.default_value;
      return count;
    }
    case ParameterKind::kFlag: return {{"type", "boolean"}, {"default", parameter.default_value != 0}};
    case ParameterKind::kText:
      return {{"type", "string"}, {"maxLength", parameter.max}, {"pattern", "^[ -~]+$"}};
    case ParameterKind::kChoice: {
      json::object choice{{"enum", choices_of(parameter)}};
      if (parameter.optional) choice["default"] = owned(first_choice(parameter.choices));
      return choice;
    }
    case ParameterKind::kCgroup:
    case ParameterKind::kNewCgroup: return reference("cgroup_name");
    case ParameterKind::kCpus: return reference("cpuset");
    case ParameterKind::kNodes: return {{"type", "array"}, {"minItems", 1}, {"items", integer(0, 254)}};
    case ParameterKind::kActions:
      return {{"type", "array"}, {"minItems", 1}, {"maxItems", parameter.max}, {"items", reference("action")}};
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
    properties["workers"].as_object()["description"] = "how many; left out: one group of its work, at least 2";
    add_all(kTaskAttributes);
  }
  void add_groups() {
    properties["groups"] = {{"type", "array"},
                            {"minItems", 1},
                            {"maxItems", 64},
                            {"items", reference("workers")},
                            {"description", "more workers, with other work or other attributes"}};
  }
  json::object finish(string_view description) const {
    json::object out{{"type", "object"}, {"description", owned(description)}, {"additionalProperties", false}};
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
  json::object out = cgroup.finish("a cgroup, its attributes and its workers");
  out["dependentRequired"] = workers_need_work();
  return out;
}

json::object workers_schema() {
  ObjectSchema workers;
  workers.required.emplace_back("work");
  workers.add_workers();
  return workers.finish("workers that do the same");
}

json::object work_schema(const WorkType& type) {
  ObjectSchema work;
  work.properties["type"] = {{"const", owned(type.name)}};
  work.required.emplace_back("type");
  work.add_all(type.parameters);
  return work.finish(type.description);
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
    const bool changes =
        parameter.kind == ParameterKind::kCgroupAttributes || parameter.kind == ParameterKind::kTaskAttributes;
    if (changes) more["minProperties"] = operation.required.size() + 1;
    if (parameter.kind == ParameterKind::kWorkers && type.name == "spawn")
      more["anyOf"] = {{{"required", json::array{"work"}}}, {{"required", json::array{"groups"}}}};
  }
  json::object out = operation.finish(type.description);
  for (auto& entry : more) out[entry.key()] = std::move(entry.value());
  return out;
}

json::object action_schema() {
  json::object properties;
  for (const WorkAction& action : kWorkActions) {
    json::object amount = integer(static_cast<std::int64_t>(action.min), static_cast<std::int64_t>(action.max));
    if (action.min == 1 && action.max == 1) amount = {{"enum", {1, true}}};
    amount["description"] = owned(action.description);
    properties[owned(action.name)] = std::move(amount);
  }
  return {{"type", "object"},      {"description", "one action of a Sequence"},
          {"minProperties", 1},    {"maxProperties", 1},
          {"additionalProperties", false}, {"properties", std::move(properties)}};
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

/// One definition for each row, and one that is any of them.
template <typename Table, typename Make>
void define_each(json::object& definitions, const std::string& kind, const Table& table, Make make) {
  json::array any;
  for (const auto& row : table) {
    const std::string name = kind + "_" + std::string(row.name);
    definitions[name] = make(row);
    any.emplace_back(reference(name));
  }
  definitions[kind] = {{"oneOf", std::move(any)}};
}

}  // namespace

json::object manifest_schema(json::object base) {
  json::object& definitions = base.at("$defs").as_object();
  definitions["cgroup"] = cgroup_schema();
  definitions["workers"] = workers_schema();
  define_each(definitions, "work", kWorkTypes, work_schema);
  define_each(definitions, "operation", kOperations, operation_schema);
  definitions["action"] = action_schema();
  definitions["assert"] = assert_schema();
  return base;
}

}  // namespace ktstr::kvm
