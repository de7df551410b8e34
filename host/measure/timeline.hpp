// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "support/json.hpp"

namespace ktstr {

/// The phases of a sidecar as reports have them: `label`, `begin_ms`, `end_ms`, by time, the first hundred.
/// Empty when it tells none. Pure.
json::array timeline_of(std::string_view sidecar);

}  // namespace ktstr
