// SPDX-License-Identifier: Apache-2.0
//
// A scenario as both sides have it: the runner makes it of a manifest, the agent carries it out. Everything
// in it is resolved: cgroups and sets of workers are indices, CPUs are numbers.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "protocol/cgroup_attributes.hpp"
#include "protocol/operations.hpp"
#include "protocol/parameter.hpp"
#include "protocol/task_attributes.hpp"
#include "protocol/work_types.hpp"

namespace ktstr::kvm {

inline constexpr std::size_t kRootCgroup = std::numeric_limits<std::size_t>::max();

struct Cgroup {
  std::string name;      ///< "a/b" lies in "a"
  bool at_start = true;  ///< false: an operation makes it
  Values attributes;     ///< of kCgroupAttributes; what is not set stays as the kernel has it
};

struct WorkerSet {
  std::size_t cgroup = kRootCgroup;
  bool at_start = true;  ///< false: an operation starts it
  std::uint32_t workers = 0;
  Work work;
  Values attributes;  ///< of kTaskAttributes
};

/// A program that runs beside the workers.
struct Payload {
  std::string name;
  std::size_t cgroup = kRootCgroup;
  bool at_start = true;                  ///< false: an operation runs it
  std::vector<std::string> argv;         ///< the first one is its path in the guest
  std::vector<std::string> environment;  ///< "NAME=value", on top of PATH, HOME and TERM
  Values attributes;                     ///< of kTaskAttributes
};

struct Operation {
  const OperationType* type = nullptr;
  Values values;  ///< of type->parameters

  const Value* find(std::string_view name) const {
    const std::size_t i = find_parameter(type->parameters, name);
    return i < values.size() && values[i].set() ? &values[i] : nullptr;
  }
  /// A cgroup's index, kRootCgroup when it is not given.
  std::size_t cgroup(std::string_view name = "cgroup") const {
    const Value* value = find(name);
    return value != nullptr ? static_cast<std::size_t>(*value->as<std::int64_t>()) : kRootCgroup;
  }
  std::uint64_t count(std::string_view name) const {
    return static_cast<std::uint64_t>(number_of(type->parameters, values, name));
  }
  std::int64_t number(std::string_view name) const { return number_of(type->parameters, values, name); }
  std::string text(std::string_view name) const {
    return std::string(text_of(type->parameters, values, name));
  }
};

struct Step {
  std::string label;
  std::vector<Operation> operations;  ///< at its beginning, in this order
  std::uint64_t hold_us = 0;
  std::uint64_t every_us = 0;  ///< not 0: the operations again and again until the hold is over
};

struct Scenario {
  std::uint64_t duration_ms = 0;
  std::vector<Cgroup> cgroups;  ///< parents before their children
  std::vector<WorkerSet> sets;
  std::vector<Payload> payloads;
  std::vector<Step> steps;  ///< empty: what is there at the start, for the whole duration

  std::uint64_t total_workers() const {
    std::uint64_t total = 0;
    for (const WorkerSet& set : sets) total += set.workers;
    return total;
  }
};

}  // namespace ktstr::kvm
