// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "explore/bounds.hpp"

namespace ktstr {

/// The test with every invariant that can be asked of it and that it does not set a limit for itself; `only`:
/// with this one alone.
json::object with_invariants(json::object test, const Bounds& bounds,
                             const std::optional<std::string>& only = {});

/// What a failure is of: the invariant whose limit its first line tells, else the line itself without
/// numbers and without the names that the test gave.
std::string failure_kind(std::string_view message, const json::object& test, const Bounds& bounds);

}  // namespace ktstr
