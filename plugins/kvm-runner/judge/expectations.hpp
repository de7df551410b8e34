// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "judge/findings.hpp"
#include "manifest/test_spec.hpp"
#include "monitor/sample.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// Judges what a test expects of its course ("expect"). What a figure or series does not tell leaves a doubt.
void judge_expectations(const TestSpec& test, const ScenarioReport& scenario, const MonitorReport& monitor,
                        Findings& findings);

}  // namespace ktstr::kvm
