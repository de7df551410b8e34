// SPDX-License-Identifier: Apache-2.0
//
// The process environment, read once at the start. Nothing else in the host calls getenv; plugins never do.
#pragma once
#include <optional>
#include <string>

#include "support/environment.hpp"

namespace ktstr {

Environment read_environment();

/// One variable that a configuration names for a secret; none when it is not set, or when the process runs
/// with raised privileges.
std::optional<std::string> environment_variable(const std::string& name);

}  // namespace ktstr
