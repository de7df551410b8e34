// SPDX-License-Identifier: Apache-2.0
#include "agent/spec_reader.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

#include "protocol/work_actions.hpp"

namespace ktstr::agent {
namespace {

namespace json = boost::json;
using kvm::Parameter, kvm::ParameterKind, kvm::Value, kvm::Values;

constexpr std::uint32_t kMaxWorkers = 4096, kMaxCgroups = 256, kMaxSets = 1024, kMaxSteps = 256,
                        kMaxPayloads = 64, kMaxOperations = 256;
constexpr std::uint64_t kLongestUs = 24ULL * 3600 * 1'000'000;

/// What indices in values may name.
struct Bounds {
  std::size_t cgroups = 0, sets = 0, payloads = 0, schedulers = 0;
};

std::int64_t integer_of(const json::value& value, const Parameter& parameter, const std::string& where) {
  if (!value.is_int64() || value.get_int64() < parameter.min || value.get_int64() > parameter.max)
    throw BadSpec(where + " is no number from " + std::to_string(parameter.min) + " to " +
                  std::to_string(parameter.max));
  return value.get_int64();
}

std::size_t index_of(const json::value& value, std::size_t count, const std::string& where) {
  const Parameter index{{}, ParameterKind::kCount, {}, 0, 0, static_cast<std::int64_t>(count) - 1};
  return static_cast<std::size_t>(integer_of(value, index, where));
}

std::string choice_of(const json::value& value, const Parameter& parameter, const std::string& where) {
  std::string text = text_of(value, where);
  const std::string all = "|" + std::string(parameter.choices) + "|";
  if (text.empty() || text.find('|') != std::string::npos || all.find("|" + text + "|") == std::string::npos)
    throw BadSpec(where + " is none of " + std::string(parameter.choices));
  return text;
}

std::vector<std::uint32_t> list_of(const json::value& value, std::uint64_t limit, const std::string& where) {
  if (!value.is_array() || value.get_array().size() > 4096) throw BadSpec(where + " is no list");
  std::vector<std::uint32_t> list;
  for (const json::value& item : value.get_array()) {
    if (!item.is_int64() || item.get_int64() < 0 || static_cast<std::uint64_t>(item.get_int64()) >= limit)
      throw BadSpec(where + " holds something that is no number below " + std::to_string(limit));
    list.push_back(static_cast<std::uint32_t>(item.get_int64()));
  }
  return list;
}

std::vector<std::string> texts_of(const json::value& value, const std::string& where) {
  if (!value.is_array() || value.get_array().size() > 256) throw BadSpec(where + " is no list");
  std::vector<std::string> texts;
  for (const json::value& text : value.get_array()) texts.push_back(text_of(text, where + "[]"));
  return texts;
}

std::vector<kvm::Action> actions_of(const json::value& value, const std::string& where) {
  if (!value.is_array() || value.get_array().empty()) throw BadSpec(where + " is no list of actions");
  std::vector<kvm::Action> actions;
  for (const json::value& item : value.get_array()) {
    const json::object& object = object_of(item, where);
    const auto found = std::find_if(kvm::kWorkActions.begin(), kvm::kWorkActions.end(),
                                    [&](const kvm::WorkAction& a) { return object.contains(a.name); });
    if (found == kvm::kWorkActions.end() || object.size() != 1)
      throw BadSpec(where + " holds an unknown action");
    actions.push_back({static_cast<std::uint32_t>(found - kvm::kWorkActions.begin()),
                       number_of(object, found->name, where, found->max)});
  }
  return actions;
}

Values values_of(const json::object& object, std::span<const Parameter> parameters, const Bounds& bounds,
                 const std::string& where);

template <typename Table>
std::vector<Parameter> parameters_of(const Table& table) {
  std::vector<Parameter> list;
  for (const auto& row : table) {
    if constexpr (requires { row.parameter; }) {
      list.push_back(row.parameter);
    } else {
      list.push_back(row);
    }
  }
  return list;
}

Value value_of(const json::value& value, const Parameter& parameter, const Bounds& bounds,
               const std::string& where) {
  switch (parameter.kind) {
    case ParameterKind::kCount: return {integer_of(value, parameter, where)};
    case ParameterKind::kFlag:
      if (!value.is_bool()) throw BadSpec(where + " is not true or false");
      return {static_cast<std::int64_t>(value.get_bool())};
    case ParameterKind::kText: return {text_of(value, where)};
    case ParameterKind::kTexts: return {texts_of(value, where)};
    case ParameterKind::kChoice: return {choice_of(value, parameter, where)};
    case ParameterKind::kCgroup:
    case ParameterKind::kNewCgroup:
      return {static_cast<std::int64_t>(index_of(value, bounds.cgroups, where))};
    case ParameterKind::kPayload: return {static_cast<std::int64_t>(index_of(value, bounds.payloads, where))};
    case ParameterKind::kScheduler:
      return {static_cast<std::int64_t>(index_of(value, bounds.schedulers + 1, where))};
    case ParameterKind::kCpus:
    case ParameterKind::kNodes: return {list_of(value, 4096, where)};
    case ParameterKind::kWorkers: return {list_of(value, bounds.sets, where)};
    case ParameterKind::kActions: return {actions_of(value, where)};
    case ParameterKind::kCgroupAttributes:
      return {values_of(object_of(value, where), parameters_of(kvm::kCgroupAttributes), bounds, where)};
    case ParameterKind::kTaskAttributes:
      return {values_of(object_of(value, where), parameters_of(kvm::kTaskAttributes), bounds, where)};
  }
  throw BadSpec(where + " is of an unknown kind");
}

/// What is absent stays unset.
Values values_of(const json::object& object, std::span<const Parameter> parameters, const Bounds& bounds,
                 const std::string& where) {
  Values values(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const json::value* value = object.if_contains(parameters[i].name);
    if (value == nullptr) continue;
    values[i] = value_of(*value, parameters[i], bounds, where + "." + std::string(parameters[i].name));
  }
  return values;
}

/// A path of names: "web", "web/db".
std::string cgroup_name_of(const json::object& object, const std::string& where) {
  std::string name = text_of(member(object, "name", where), where + ".name");
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (end == begin || name[begin] == '.' || end - begin > 120)
      throw BadSpec(where + ".name is not a usable name");
    begin = end + 1;
  }
  return name;
}

kvm::WorkerSet set_of(const json::object& object, const Bounds& bounds, const std::string& where) {
  kvm::WorkerSet set;
  if (!member(object, "cgroup", where).is_null())
    set.cgroup = index_of(member(object, "cgroup", where), bounds.cgroups, where + ".cgroup");
  set.at_start = flag_of(object, "at_start", where);
  set.workers = static_cast<std::uint32_t>(number_of(object, "workers", where, kMaxWorkers));
  const json::object& work = object_of(member(object, "work", where), where + ".work");
  const std::string type = text_of(member(work, "type", where + ".work"), where + ".work.type");
  set.work.type = kvm::find_work_type(type);
  if (set.work.type == nullptr) throw BadSpec(where + ".work.type \"" + type + "\" is not known");
  set.work.values = values_of(work, set.work.type->parameters, bounds, where + ".work");
  for (std::size_t i = 0; i < set.work.values.size(); ++i) {
    if (!set.work.values[i].set())
      throw BadSpec(where + ".work." + std::string(set.work.type->parameters[i].name) + " is missing");
  }
  const json::object& attributes = object_of(member(object, "attributes", where), where + ".attributes");
  set.attributes = values_of(attributes, kvm::kTaskAttributes, bounds, where + ".attributes");
  const std::uint32_t group = set.work.workers_per_group(set.workers);
  if (set.workers == 0 || set.workers % group != 0)
    throw BadSpec(where + ".workers is not a multiple of " + std::to_string(group));
  return set;
}

kvm::Payload payload_of(const json::object& object, const Bounds& bounds, const std::string& where) {
  kvm::Payload payload;
  payload.name = text_of(member(object, "name", where), where + ".name");
  if (!member(object, "cgroup", where).is_null())
    payload.cgroup = index_of(member(object, "cgroup", where), bounds.cgroups, where + ".cgroup");
  payload.at_start = flag_of(object, "at_start", where);
  payload.argv = texts_of(member(object, "argv", where), where + ".argv");
  payload.environment = texts_of(member(object, "env", where), where + ".env");
  if (payload.argv.empty()) throw BadSpec(where + ".argv is empty");
  payload.attributes =
      values_of(object_of(member(object, "attributes", where), where), kvm::kTaskAttributes, bounds, where);
  return payload;
}

/// Those who carry an operation out look no further.
void check_required(const kvm::Operation& operation, const std::string& where) {
  for (const Parameter& parameter : operation.type->parameters) {
    const bool required = !parameter.optional || parameter.kind == ParameterKind::kWorkers ||
                          parameter.kind == ParameterKind::kCgroupAttributes ||
                          parameter.kind == ParameterKind::kTaskAttributes;
    if (required && operation.find(parameter.name) == nullptr)
      throw BadSpec(where + "." + std::string(parameter.name) + " is missing");
  }
}

kvm::Step step_of(const json::object& object, const Bounds& bounds, const std::string& where) {
  kvm::Step step;
  step.label = text_of(member(object, "label", where), where + ".label");
  step.hold_us = number_of(object, "hold_us", where, kLongestUs);
  step.every_us = number_of(object, "every_us", where, kLongestUs);
  for (const json::value& entry : array_of(object, "operations", where, kMaxOperations)) {
    const std::string place = where + ".operations[" + std::to_string(step.operations.size()) + "]";
    const json::object& operation = object_of(entry, place);
    const std::string name = text_of(member(operation, "op", place), place + ".op");
    const kvm::OperationType* type = kvm::find_operation(name);
    if (type == nullptr) throw BadSpec(place + ".op \"" + name + "\" is not known");
    step.operations.push_back({type, values_of(operation, type->parameters, bounds, place)});
    check_required(step.operations.back(), place);
  }
  return step;
}

}  // namespace

const json::value& member(const json::object& object, std::string_view key, const std::string& where) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) throw BadSpec(where + "." + std::string(key) + " is missing");
  return *value;
}

const json::object& object_of(const json::value& value, const std::string& where) {
  if (!value.is_object()) throw BadSpec(where + " is not an object");
  return value.get_object();
}

const json::array& array_of(const json::object& object, std::string_view key, const std::string& where,
                            std::size_t limit) {
  const json::value& value = member(object, key, where);
  if (!value.is_array() || value.get_array().size() > limit)
    throw BadSpec(where + "." + std::string(key) + " is not an array of at most " + std::to_string(limit));
  return value.get_array();
}

std::uint64_t number_of(const json::object& object, std::string_view key, const std::string& where,
                        std::uint64_t max) {
  const json::value& value = member(object, key, where);
  std::uint64_t number = 0;
  if (value.is_int64() && value.get_int64() >= 0) {
    number = static_cast<std::uint64_t>(value.get_int64());
  } else if (value.is_uint64()) {
    number = value.get_uint64();
  } else {
    throw BadSpec(where + "." + std::string(key) + " is not a whole number");
  }
  if (number > max) throw BadSpec(where + "." + std::string(key) + " is larger than " + std::to_string(max));
  return number;
}

bool flag_of(const json::object& object, std::string_view key, const std::string& where) {
  const json::value& value = member(object, key, where);
  if (!value.is_bool()) throw BadSpec(where + "." + std::string(key) + " is not true or false");
  return value.get_bool();
}

std::string text_of(const json::value& value, const std::string& where) {
  if (!value.is_string()) throw BadSpec(where + " is not a string");
  std::string text(value.get_string());
  if (text.find('\0') != std::string::npos) throw BadSpec(where + " holds a NUL");
  return text;
}

kvm::Scenario scenario_of(const json::object& object, std::size_t schedulers) {
  const std::string where = "spec.scenario";
  kvm::Scenario scenario;
  scenario.duration_ms = number_of(object, "duration_ms", where, kLongestUs / 1000);
  const json::array& cgroups = array_of(object, "cgroups", where, kMaxCgroups);
  const json::array& payloads = array_of(object, "payloads", where, kMaxPayloads);
  const Bounds bounds{cgroups.size(), array_of(object, "sets", where, kMaxSets).size(), payloads.size(),
                      schedulers};
  const std::vector<Parameter> attributes = parameters_of(kvm::kCgroupAttributes);
  for (const json::value& entry : cgroups) {
    const std::string place = where + ".cgroups[" + std::to_string(scenario.cgroups.size()) + "]";
    const json::object& cgroup = object_of(entry, place);
    scenario.cgroups.push_back(
        {cgroup_name_of(cgroup, place), flag_of(cgroup, "at_start", place),
         values_of(object_of(member(cgroup, "attributes", place), place), attributes, bounds, place)});
  }
  for (const json::value& entry : object.at("sets").get_array()) {
    const std::string place = where + ".sets[" + std::to_string(scenario.sets.size()) + "]";
    scenario.sets.push_back(set_of(object_of(entry, place), bounds, place));
  }
  if (scenario.total_workers() > kMaxWorkers)
    throw BadSpec("spec has more than " + std::to_string(kMaxWorkers) + " workers");
  for (const json::value& entry : payloads) {
    const std::string place = where + ".payloads[" + std::to_string(scenario.payloads.size()) + "]";
    scenario.payloads.push_back(payload_of(object_of(entry, place), bounds, place));
  }
  for (const json::value& entry : array_of(object, "steps", where, kMaxSteps)) {
    const std::string place = where + ".steps[" + std::to_string(scenario.steps.size()) + "]";
    scenario.steps.push_back(step_of(object_of(entry, place), bounds, place));
  }
  KTSTR_ASSERT(scenario.cgroups.size() == bounds.cgroups && scenario.sets.size() == bounds.sets &&
               scenario.payloads.size() == bounds.payloads);  // what numbers in values name is there
  return scenario;
}

}  // namespace ktstr::agent
