// SPDX-License-Identifier: Apache-2.0
#include "guest/scenario_writer.hpp"

#include <ktstr/kit/assert.hpp>

#include "manifest/parameter_reader.hpp"
#include "protocol/work_actions.hpp"

namespace ktstr::kvm {
namespace {

void write_values(JsonWriter& json, std::span<const Parameter> parameters, const Values& values);

struct ValueWriter {
  JsonWriter& json;
  const Parameter& parameter;

  void operator()(std::monostate) const { json.null(); }
  void operator()(std::int64_t number) const {
    parameter.kind == ParameterKind::kFlag ? json.value(number != 0) : json.value(number);
  }
  void operator()(const std::string& text) const { json.value(text); }
  void operator()(const std::vector<std::string>& texts) const {
    json.begin_array();
    for (const std::string& text : texts) json.value(text);
    json.end_array();
  }
  void operator()(const std::vector<std::uint32_t>& list) const {
    json.begin_array();
    for (const std::uint32_t item : list) json.value(item);
    json.end_array();
  }
  void operator()(const std::vector<Action>& actions) const {
    json.begin_array();
    for (const Action& action : actions)
      json.begin_object().member(kWorkActions.at(action.action).name, action.amount).end_object();
    json.end_array();
  }
  void operator()(const Values& attributes) const {
    json.begin_object();
    const bool of_cgroup = parameter.kind == ParameterKind::kCgroupAttributes;
    write_values(json,
                 of_cgroup ? std::span<const Parameter>(cgroup_parameters())
                           : std::span<const Parameter>(kTaskAttributes),
                 attributes);
    json.end_object();
  }
};

/// Members of an object; what is not set is left out.
void write_values(JsonWriter& json, std::span<const Parameter> parameters, const Values& values) {
  KTSTR_ASSERT(values.size() == parameters.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].set()) continue;
    json.key(parameters[i].name);
    std::visit(ValueWriter{json, parameters[i]}, values[i].is);
  }
}

void write_set(JsonWriter& json, const WorkerSet& set) {
  json.begin_object().key("cgroup");
  set.cgroup == kRootCgroup ? json.null() : json.value(set.cgroup);
  json.member("at_start", set.at_start).member("workers", set.workers);
  json.key("work").begin_object().member("type", set.work.type->name);
  write_values(json, set.work.type->parameters, set.work.values);
  json.end_object().key("attributes").begin_object();
  write_values(json, kTaskAttributes, set.attributes);
  json.end_object().end_object();
}

void write_payload(JsonWriter& json, const Payload& payload) {
  json.begin_object().member("name", payload.name).key("cgroup");
  payload.cgroup == kRootCgroup ? json.null() : json.value(payload.cgroup);
  json.member("at_start", payload.at_start).key("argv").begin_array();
  for (const std::string& arg : payload.argv) json.value(arg);
  json.end_array().key("env").begin_array();
  for (const std::string& variable : payload.environment) json.value(variable);
  json.end_array().key("attributes").begin_object();
  write_values(json, kTaskAttributes, payload.attributes);
  json.end_object().end_object();
}

void write_step(JsonWriter& json, const Step& step) {
  json.begin_object()
      .member("label", step.label)
      .member("hold_us", step.hold_us)
      .member("every_us", step.every_us);
  json.key("operations").begin_array();
  for (const Operation& operation : step.operations) {
    json.begin_object().member("op", operation.type->name);
    write_values(json, operation.type->parameters, operation.values);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

void write_scenario(JsonWriter& json, const Scenario& scenario) {
  json.begin_object().member("duration_ms", scenario.duration_ms).key("cgroups").begin_array();
  for (const Cgroup& cgroup : scenario.cgroups) {
    json.begin_object().member("name", cgroup.name).member("at_start", cgroup.at_start);
    json.key("attributes").begin_object();
    write_values(json, cgroup_parameters(), cgroup.attributes);
    json.end_object().end_object();
  }
  json.end_array().key("sets").begin_array();
  for (const WorkerSet& set : scenario.sets) {
    KTSTR_ASSERT(set.cgroup == kRootCgroup || set.cgroup < scenario.cgroups.size());
    write_set(json, set);
  }
  json.end_array().key("payloads").begin_array();
  for (const Payload& payload : scenario.payloads) {
    KTSTR_ASSERT(payload.cgroup == kRootCgroup || payload.cgroup < scenario.cgroups.size());
    write_payload(json, payload);
  }
  json.end_array().key("steps").begin_array();
  for (const Step& step : scenario.steps) write_step(json, step);
  json.end_array().end_object();
}

}  // namespace ktstr::kvm
