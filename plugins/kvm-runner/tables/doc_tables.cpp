// SPDX-License-Identifier: Apache-2.0
#include "tables/doc_tables.hpp"

#include <cstdio>
#include <limits>

#include "manifest/assertion_table.hpp"
#include "manifest/canned_scenarios.hpp"
#include "manifest/expectation_table.hpp"
#include "manifest/parameter_reader.hpp"
#include "manifest/topology_presets.hpp"
#include "protocol/scenario.hpp"
#include "protocol/work_actions.hpp"

namespace ktstr::kvm {
namespace {

using std::string_view;

std::string code(string_view text) { return "`" + std::string(text) + "`"; }

/// "a, b"; empty ones are left out.
template <typename Names>
std::string listed(const Names& names, const char* between = ", ") {
  std::string out;
  for (const string_view name : names) {
    if (name.empty()) continue;
    out += (out.empty() ? "" : between) + code(name);
  }
  return out;
}

std::string span(std::int64_t min, std::int64_t max) {
  return std::to_string(min) + " to " + std::to_string(max);
}

/// "5", "0.5", "1e+15"
std::string shortest(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

std::string values_of(const Parameter& parameter) {
  switch (parameter.kind) {
    case ParameterKind::kCount:
      return parameter.max == std::numeric_limits<std::int64_t>::max() ? "a whole number"
                                                                       : span(parameter.min, parameter.max);
    case ParameterKind::kFlag: return "`true`, `false`";
    case ParameterKind::kText: return "a line of at most " + std::to_string(parameter.max) + " bytes";
    case ParameterKind::kTexts: return "a list of at most " + std::to_string(parameter.max);
    case ParameterKind::kChoice: return listed(split_choices(parameter.choices));
    case ParameterKind::kCgroup: return "a cgroup";
    case ParameterKind::kPayload: return "a payload";
    case ParameterKind::kScheduler: return "a scheduler";
    case ParameterKind::kCpus: return "CPUs";
    case ParameterKind::kNodes: return "NUMA nodes";
    case ParameterKind::kActions: return "1 to " + std::to_string(parameter.max) + " actions";
    case ParameterKind::kNewCgroup: return "a new cgroup";
    case ParameterKind::kWorkers: return "workers";
    case ParameterKind::kCgroupAttributes: return "attributes of cgroups";
    case ParameterKind::kTaskAttributes: return "attributes of workers";
  }
  return {};
}

std::string default_of(const Parameter& parameter) {
  if (!parameter.optional) return "has to be said";
  if (parameter.kind == ParameterKind::kChoice) return code(first_choice(parameter.choices));
  if (parameter.kind == ParameterKind::kFlag && parameter.default_value != 0) return code("true");
  return parameter.kind == ParameterKind::kCount ? std::to_string(parameter.default_value) : "";
}

/// "1 + `fan_out`"
std::string group_size(const WorkType& type) {
  if (type.group.whole_set) return "all of a set";
  std::string size = type.group.fixed > 0 ? std::to_string(type.group.fixed) : "";
  for (const string_view more : type.group.plus) {
    if (!more.empty()) size += (size.empty() ? "" : " + ") + code(more);
  }
  return size;
}

/// What an operation's object holds beside "op".
std::string operation_members(const OperationType& type) {
  std::string out;
  const auto add = [&](const std::string& what) { out += (out.empty() ? "" : ", ") + what; };
  for (const Parameter& parameter : type.parameters) {
    switch (parameter.kind) {
      case ParameterKind::kNewCgroup: add(code(parameter.name) + ", attributes of cgroups"); break;
      case ParameterKind::kWorkers: add("`work`, `workers`, attributes of workers, `groups`"); break;
      case ParameterKind::kCgroupAttributes:
      case ParameterKind::kTaskAttributes: add(values_of(parameter)); break;
      case ParameterKind::kPayload:
      case ParameterKind::kScheduler:
      case ParameterKind::kCgroup:
        add(code(parameter.name) + (parameter.optional ? " (or none)" : ""));
        break;
      default: add(code(parameter.name) + " (" + values_of(parameter) + ")");
    }
  }
  return out;
}

std::string attribute_rows(std::span<const Parameter> parameters) {
  std::string out = "| attribute | values | meaning |\n|---|---|---|\n";
  for (const Parameter& parameter : parameters)
    out += "| " + code(parameter.name) + " | " + values_of(parameter) + " | " +
           std::string(parameter.description) + " |\n";
  return out;
}

}  // namespace

std::string work_type_table() {
  std::string out =
      "| type | what its workers do | in groups of | measures | counts |\n|---|---|---|---|---|\n";
  for (const WorkType& type : kWorkTypes)
    out += "| " + code(type.name) + " | " + std::string(type.description) + " | " + group_size(type) + " | " +
           listed(type.samples) + " | " + listed(type.counts) + " |\n";
  return out;
}

std::string work_parameter_table() {
  std::string out = "| type | parameter | default | values | meaning |\n|---|---|---|---|---|\n";
  for (const WorkType& type : kWorkTypes) {
    for (const Parameter& parameter : type.parameters)
      out += "| " + code(type.name) + " | " + code(parameter.name) + " | " + default_of(parameter) + " | " +
             values_of(parameter) + " | " + std::string(parameter.description) + " |\n";
  }
  return out;
}

std::string action_table() {
  std::string out = "| action | values | meaning |\n|---|---|---|\n";
  for (const WorkAction& action : kWorkActions) {
    const bool only_one = action.min == 1 && action.max == 1;
    out += "| " + code(action.name) + " | " +
           (only_one ? "`true`"
                     : span(static_cast<std::int64_t>(action.min), static_cast<std::int64_t>(action.max))) +
           " | " + std::string(action.description) + " |\n";
  }
  return out;
}

std::string operation_table() {
  std::string out = "| `op` | what it does | its members |\n|---|---|---|\n";
  for (const OperationType& type : kOperations)
    out += "| " + code(type.name) + " | " + std::string(type.description) + " | " + operation_members(type) +
           " |\n";
  return out;
}

std::string cgroup_attribute_table() { return attribute_rows(cgroup_parameters()); }
std::string worker_attribute_table() { return attribute_rows(kTaskAttributes); }

std::string canned_scenario_table() {
  std::string out = "| scenario | what happens | parameters |\n|---|---|---|\n";
  for (const CannedScenario& row : kCannedScenarios)
    out += "| " + code(row.name) + " | " + std::string(row.description) + " | " + code(row.params) + " |\n";
  return out;
}

std::string topology_preset_table() {
  std::string out = "| preset | topology |\n|---|---|\n";
  for (const TopologyPreset& row : kTopologyPresets)
    out += "| " + code(row.name) + " | " + code(row.topology) + " |\n";
  return out;
}

std::string assertion_table() {
  std::string out = "| assertion | limit | what is demanded |\n|---|---|---|\n";
  for (const Assertion& row : kAssertions) {
    const std::string limit =
        row.kind == AssertionKind::kFlag ? "`true`" : shortest(row.min) + " to " + shortest(row.max);
    out += "| " + code(row.name) + " | " + limit + " | " + std::string(row.description) + " |\n";
  }
  return out;
}

std::string expectation_table() {
  std::string out = "| `that` | what is expected | its members | beside them |\n|---|---|---|---|\n";
  for (const ExpectationType& row : kExpectationTypes)
    out += "| " + code(row.name) + " | " + std::string(row.description) + " | " + listed(row.required) +
           " | " + listed(row.optional) + (row.needs_limit ? " (a limit at least)" : "") + " |\n";
  return out;
}

std::string expectation_field_table() {
  std::string out = "| member | meaning |\n|---|---|\n";
  for (const ExpectationField& row : kExpectationFields)
    out += "| " + code(row.name) + " | " + std::string(row.description) + " |\n";
  return out;
}

std::string series_table() {
  std::string out = "| series | what it is |\n|---|---|\n";
  for (const SeriesType& row : kSeriesTypes)
    out += "| " + code(row.name) + " | " + std::string(row.description) + " |\n";
  return out;
}

}  // namespace ktstr::kvm
