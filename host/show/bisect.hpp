// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "delta/bisect.hpp"

namespace ktstr {

/// The measured places of the line, and which is the first bad one.
std::string bisect_text(const BisectOutcome& outcome, std::size_t width);
/// All of it (bisect.schema.json).
json::object bisect_json(const BisectOutcome& outcome);

}  // namespace ktstr
