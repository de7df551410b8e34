// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <ktstr/kit/json_reader.hpp>
#include <vector>

#include "machine/machine.hpp"
#include "manifest/test_spec.hpp"
#include "protocol/scenario.hpp"

namespace ktstr::kvm {

/// What of a test's object says what happens: "cgroups", "root", "payloads", "steps", "duration_ms". Fills in
/// `scenario`, `payloads` and `others` of a test whose topology and scheduler are known. Every name is
/// resolved; every mistake throws.
void parse_scenario(const StrictObject& object, const std::vector<std::uint32_t>& online, TestSpec& test);

}  // namespace ktstr::kvm
