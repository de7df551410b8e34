// SPDX-License-Identifier: Apache-2.0
//
// Small readings that the analyses of a run share. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/json.hpp"

namespace ktstr {

/// The whole number of that name; 0 where there is none, or a negative one.
std::uint64_t count_at(const json::object& object, std::string_view key);

}  // namespace ktstr
