// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "judge/counter_metrics.hpp"
#include "manifest/test_spec.hpp"
#include "monitor/sample.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// The time from one mark to the next.
struct Phase {
  std::string label;
  std::uint64_t start_ns = 0, end_ns = 0;  ///< since the scenario's start
  std::string scheduler;                   ///< that is in force at its end
  Metrics metrics;
  std::vector<std::pair<std::string, Metrics>> cgroups;  ///< the same of each cgroup, with what it did alone
  std::uint64_t sample_count = 0;                        ///< of run queues, behind some of the metrics
};

/// One for each step and each operation `mark`, in order. A scenario without steps has one phase, the whole.
std::vector<Phase> phases_of(const TestSpec& test, const ScenarioReport& scenario,
                             const MonitorReport& monitor);

}  // namespace ktstr::kvm
