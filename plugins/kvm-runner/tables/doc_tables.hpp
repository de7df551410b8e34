// SPDX-License-Identifier: Apache-2.0
//
// The tables of docs/tests.md, Markdown, made from the rows of protocol/ and manifest/assertion_table.hpp.
// Pure.
#pragma once
#include <string>

namespace ktstr::kvm {

std::string work_type_table();       ///< type, what it does, workers, what it measures
std::string work_parameter_table();  ///< type, parameter, default, values, meaning
std::string action_table();
std::string operation_table();
std::string cgroup_attribute_table();
std::string worker_attribute_table();
std::string canned_scenario_table();
std::string topology_preset_table();
std::string assertion_table();
std::string expectation_table();
std::string expectation_field_table();
std::string series_table();

}  // namespace ktstr::kvm
