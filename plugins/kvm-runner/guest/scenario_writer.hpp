// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_writer.hpp>

#include "protocol/scenario.hpp"

namespace ktstr::kvm {

/// The "scenario" of the agent's spec (docs/guest-protocol.md).
void write_scenario(JsonWriter& json, const Scenario& scenario);

}  // namespace ktstr::kvm
