// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// Reads {"type": …, parameters…}, fills in the type's defaults and checks that `workers` makes whole groups.
WorkSpec parse_work(const Located& work, std::uint32_t workers, const std::string& workers_place);

/// The names of all work types, and the parameters of one; for the schema's test.
std::vector<std::string_view> work_type_names();
std::vector<std::string_view> work_parameter_names(std::string_view type);

}  // namespace ktstr::kvm
