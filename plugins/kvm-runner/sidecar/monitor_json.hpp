// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_writer.hpp>

#include "monitor/sample.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// The members `monitor` and `monitor_reason` of a sidecar: the object, or null and why. Of the samples that
/// were taken while the scenario ran; `result` may be null.
void write_monitor(JsonWriter& json, const MonitorReport& report, const AgentResult* result);

}  // namespace ktstr::kvm
