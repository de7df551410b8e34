// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>
#include <string>

#include "manifest/parameter_reader.hpp"

namespace ktstr::kvm {

/// Reads {"type": …, parameters…} and fills in the type's defaults.
Work parse_work(const Located& work, const ScenarioTerms& terms);

/// Insists that `workers` makes whole groups.
void check_group(const Work& work, std::uint32_t workers, const std::string& place);

/// What belongs together must be said together: deadline has a runtime and a period, a memory policy its
/// nodes.
void check_task_attributes(const Values& attributes, const std::string& place);

}  // namespace ktstr::kvm
