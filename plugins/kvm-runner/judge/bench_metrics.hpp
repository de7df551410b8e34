// SPDX-License-Identifier: Apache-2.0
//
// The figures of the work types Schbench and Taobench, as the programs of these names define them.
#pragma once
#include "judge/counter_metrics.hpp"
#include "manifest/test_spec.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// Of the whole scenario: names end in "_whole" where a phase has the same figure.
void add_bench_metrics(const TestSpec& test, const ScenarioReport& scenario, Metrics& metrics);

/// Of the time between two marks.
void add_bench_phase_metrics(const TestSpec& test, const ScenarioReport& scenario, const Mark& from,
                             const Mark& to, Metrics& metrics);

}  // namespace ktstr::kvm
