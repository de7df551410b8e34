// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

/// The values that a pattern names, in their order: "cgroups/*/name" is the name of each item of "cgroups"
/// that has one, "" the document.
std::vector<json::value*> values_at(json::value& document, std::string_view pattern);
std::vector<const json::value*> values_at(const json::value& document, std::string_view pattern);

}  // namespace ktstr
