// SPDX-License-Identifier: Apache-2.0
//
// One parameter of a work type, an operation, a cgroup or a worker, as data. The manifest's reader, its
// schema, the documentation, the spec's writer and the agent's reader are made from rows of it, so a new one
// is a row.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ktstr::kvm {

enum class ParameterKind : std::uint8_t {
  kCount,      ///< a whole number from min to max
  kFlag,       ///< true or false
  kText,       ///< a line of at most max bytes without control characters
  kTexts,      ///< a list of at most max such lines
  kChoice,     ///< one of `choices`
  kCgroup,     ///< the name of a cgroup of the test; on the wire its index
  kPayload,    ///< the name of a payload of the test; on the wire its index
  kScheduler,  ///< a scheduler as a test names its own; on the wire its place in the test's list of others,
               ///< from 1; 0: the kernel's own
  kCpus,       ///< CPUs in any form that a cpuset has; on the wire a sorted list, empty: all of them
  kNodes,      ///< a list of NUMA nodes
  kActions,    ///< a list of {"action": value}, see work_actions.hpp
  kNewCgroup,  ///< of an operation: the cgroup that the rest of the object describes; on the wire its index
  kWorkers,    ///< of an operation: the workers that the rest of the object describes; on the wire indices of
               ///< sets
  kCgroupAttributes,  ///< of an operation: any of kCgroupAttributes beside it; on the wire as a cgroup has
                      ///< them
  kTaskAttributes,    ///< of an operation: any of kTaskAttributes beside it
};

inline constexpr std::size_t kLongestListedText = 128;  ///< each of a kTexts

struct Parameter {
  std::string_view name;  ///< with its unit: "busy_us"
  ParameterKind kind = ParameterKind::kCount;
  std::string_view description;
  std::int64_t default_value = 0, min = 0, max = 0;
  std::string_view choices = {};  ///< "pipe|futex": the first one is the default
  bool optional = true;           ///< false: people have to say it
};

/// One step of a Sequence: the action's place in kWorkActions, and how much of it.
struct Action {
  std::uint32_t action = 0;
  std::uint64_t amount = 0;
  bool operator==(const Action&) const = default;
};

struct Value;

/// Values in the order of the parameters that they are of.
using Values = std::vector<Value>;

/// What a parameter was set to: nothing, a number (count, flag, cgroup), a text (text, choice), texts, a list
/// (CPUs, nodes, sets of workers), actions, or the values of attributes.
struct Value {
  std::variant<std::monostate, std::int64_t, std::string, std::vector<std::string>,
               std::vector<std::uint32_t>, std::vector<Action>, Values>
      is;

  bool set() const { return !std::holds_alternative<std::monostate>(is); }
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&is);
  }
};

constexpr std::size_t find_parameter(std::span<const Parameter> parameters, std::string_view name) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].name == name) return i;
  }
  return parameters.size();
}

/// The number of a parameter, `otherwise` when there is no such parameter.
inline std::int64_t number_of(std::span<const Parameter> parameters, const Values& values,
                              std::string_view name, std::int64_t otherwise = 0) {
  const std::size_t i = find_parameter(parameters, name);
  const std::int64_t* number = i < values.size() ? values[i].as<std::int64_t>() : nullptr;
  return number != nullptr ? *number : otherwise;
}

inline std::string_view text_of(std::span<const Parameter> parameters, const Values& values,
                                std::string_view name) {
  const std::size_t i = find_parameter(parameters, name);
  const std::string* text = i < values.size() ? values[i].as<std::string>() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

/// The first of "a|b|c".
constexpr std::string_view first_choice(std::string_view choices) {
  return choices.substr(0, choices.find('|'));
}

}  // namespace ktstr::kvm
