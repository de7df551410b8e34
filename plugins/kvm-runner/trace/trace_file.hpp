// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// The artifact of a traced test: what the guest's kernel wrote, in the form of ftrace that ui.perfetto.dev
/// opens (docs/decisions/0009-traces-are-ftrace-text.md), with the scenario's marks at their times. Lines
/// that are none of a trace are left out; empty when no event was traced.
std::string trace_file(const std::string& traced, const ScenarioReport& scenario);

}  // namespace ktstr::kvm
