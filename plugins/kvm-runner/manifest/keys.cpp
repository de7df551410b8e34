// SPDX-License-Identifier: Apache-2.0
#include "manifest/keys.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

#include "manifest/assertion_table.hpp"
#include "manifest/parameter_reader.hpp"

namespace ktstr::kvm::keys {
namespace {

using Names = std::vector<string_view>;

void append(Names& names, std::span<const Parameter> parameters) {
  for (const Parameter& parameter : parameters) names.push_back(parameter.name);
}

template <typename Table>
Names names_of(const Table& table) {
  Names names;
  for (const auto& row : table) names.push_back(row.name);
  Names sorted = names;
  std::sort(sorted.begin(), sorted.end());
  KTSTR_ASSERT(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  return names;
}

Names workers_and(Names names) {
  names.insert(names.end(), {"work", "workers"});
  append(names, kTaskAttributes);
  return names;
}

}  // namespace

const Names& workers() {
  static const Names kNames = workers_and({});
  return kNames;
}

const Names& cgroup() {
  static const Names kNames = [] {
    Names names = workers_and({"name", "groups"});
    append(names, cgroup_parameters());
    return names;
  }();
  return kNames;
}

const Names& payload() {
  static const Names kNames = [] {
    Names names{"name", "binary", "args", "env", "files", "cgroup", "start", "metrics", "exit_code"};
    append(names, kTaskAttributes);
    return names;
  }();
  return kNames;
}

const Names& work_types() {
  static const Names kNames = names_of(kWorkTypes);
  return kNames;
}

const Names& operation_names() {
  static const Names kNames = names_of(kOperations);
  return kNames;
}

const Names& assertions() {
  static const Names kNames = names_of(kAssertions);
  return kNames;
}

const Names& expectation_names() {
  static const Names kNames = names_of(kExpectationTypes);
  return kNames;
}

Names expectation(const ExpectationType& type) {
  Names names{"that"};
  names.insert(names.end(), type.required.begin(), type.required.end());
  names.insert(names.end(), type.optional.begin(), type.optional.end());
  return names;
}

Names work(const WorkType& type) {
  Names names{"type"};
  append(names, type.parameters);
  return names;
}

Names operation(const OperationType& type) {
  Names names{"op"};
  for (const Parameter& parameter : type.parameters) {
    switch (parameter.kind) {
      case ParameterKind::kNewCgroup:
        append(names, cgroup_parameters());
        names.push_back("name");
        break;
      case ParameterKind::kWorkers:
        names = workers_and(std::move(names));
        names.push_back("groups");
        break;
      case ParameterKind::kCgroupAttributes: append(names, cgroup_parameters()); break;
      case ParameterKind::kTaskAttributes: append(names, kTaskAttributes); break;
      default: names.push_back(parameter.name);
    }
  }
  return names;
}

}  // namespace ktstr::kvm::keys
