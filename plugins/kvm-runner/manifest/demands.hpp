// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// What a test demands, by layer, as ktstr_test_entry has it.
std::string demands_json(const TestSpec& test);

}  // namespace ktstr::kvm
