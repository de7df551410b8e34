// SPDX-License-Identifier: Apache-2.0
//
// The machine that ktstr runs on, as sidecars keep it; core/host_delta.hpp says which keys identify it.
#pragma once
#include "support/json.hpp"

namespace ktstr {

/// What stays the same while a run lasts.
json::object host_context();

/// What does not: load, frequency, temperature, free huge pages. What cannot be read is left out.
json::object host_readings();

}  // namespace ktstr
