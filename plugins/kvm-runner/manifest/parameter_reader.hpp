// SPDX-License-Identifier: Apache-2.0
//
// Reads what tables of parameters describe (protocol/parameter.hpp). Every mistake throws.
#pragma once
#include <cstdint>
#include <ktstr/kit/json_reader.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.hpp"
#include "manifest/test_spec.hpp"
#include "protocol/scenario.hpp"

namespace ktstr::kvm {

/// What names and CPU numbers in a scenario can mean.
struct ScenarioTerms {
  const Topology& topology;
  const std::vector<std::uint32_t>& online;
  std::vector<std::string> cgroups;  ///< by index
  std::vector<std::string> payloads;
  std::vector<SchedulerSpec>* schedulers = nullptr;  ///< those of operations; grows as they are read
};

/// A value of any kind that stands for itself (not kNewCgroup, kWorkers and attributes, of which the object
/// is made).
Value parse_parameter(const Parameter& parameter, const Located& located, const ScenarioTerms& terms);

/// The parameters that `object` has; those that it lacks get their default, unless they are attributes
/// (`defaults` false), which then stay unset.
Values parse_parameters(std::span<const Parameter> parameters, const StrictObject& object,
                        const ScenarioTerms& terms, bool defaults);

std::size_t parse_cgroup_reference(const Located& located, const ScenarioTerms& terms);

/// "a|b|c" as names.
std::vector<std::string_view> split_choices(std::string_view choices);

/// The rows of kCgroupAttributes as parameters.
const std::vector<Parameter>& cgroup_parameters();

}  // namespace ktstr::kvm
