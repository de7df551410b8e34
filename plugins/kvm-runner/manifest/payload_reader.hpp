// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>
#include <vector>

#include "manifest/parameter_reader.hpp"
#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// One object of "payloads": the program for the host's side, and what the agent has to know of it.
PayloadSpec parse_payload(const StrictObject& object, const ScenarioTerms& terms, Payload& payload);

}  // namespace ktstr::kvm
