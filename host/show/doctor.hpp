// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "doctor/check.hpp"
#include "support/json.hpp"

namespace ktstr {

/// The worst of them.
CheckState state_of(const Checks& checks);
/// Below each subject its checks, with the fix of what is not fine; last how many there are of each.
std::string doctor_text(const Checks& checks, bool colour, std::size_t width);
/// {"state", "checks": [{"subject", "name", "state", "found", "fix"}]}
json::object doctor_json(const Checks& checks);

}  // namespace ktstr
