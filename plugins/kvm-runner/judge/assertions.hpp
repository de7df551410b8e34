// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "judge/findings.hpp"
#include "manifest/test_spec.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// Judges a scenario that ran to its end. Every failure names the cgroup, the number found and the threshold.
/// At most a few workers of a cgroup are named per assertion; the rest is counted.
void judge_assertions(const TestSpec& test, const ScenarioReport& scenario, const MonitorReport& monitor,
                      Findings& findings);

/// Cgroups of which workers completed nothing, one line each: no failure unless the test says so, but nothing
/// to keep silent about.
std::vector<std::string> idle_workers(const ScenarioReport& scenario);

}  // namespace ktstr::kvm
