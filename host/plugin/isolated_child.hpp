// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>

#include "plugin/secrets.hpp"
#include "support/result.hpp"

namespace ktstr {

/// What the process of an isolated plugin does: it loads one and calls it as its standard input says, until
/// that ends. `cancelled` becomes true when the process is told to stop.
Status serve_isolated(const VariableLookup& variable, const std::atomic<bool>& cancelled);

}  // namespace ktstr
