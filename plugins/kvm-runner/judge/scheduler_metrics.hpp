// SPDX-License-Identifier: Apache-2.0
//
// The numbers that a scheduler's metrics name, and whether they are what the test wants of them.
#pragma once
#include <string>
#include <vector>

#include "judge/findings.hpp"
#include "manifest/test_spec.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

struct SchedulerValue {
  const ProgramMetric* metric = nullptr;  ///< of the test
  double value = 0;
  const char* source = "";  ///< "Json", "Regex", "Variable", "Map", "Socket"
};

/// Of the scheduler that was in force at the scenario's end; `name` is then its own. Nothing where it was the
/// kernel's own.
std::vector<SchedulerValue> scheduler_values(const TestSpec& test, const AgentResult& result,
                                             std::string& name);

/// Fails the test for limits, and doubts it where a metric has no value, unless it says `"exists": false`.
void judge_scheduler_metrics(const TestSpec& test, const AgentResult& result, Findings& findings);

}  // namespace ktstr::kvm
