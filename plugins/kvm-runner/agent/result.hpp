// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/result_rows.hpp"
#include "protocol/scenario.hpp"

namespace ktstr::agent {

class Play;
class Scheduler;
class Workers;

/// What the guest sees of its CPUs: lists of CPU numbers, sorted.
struct GuestTopology {
  std::vector<std::vector<std::uint32_t>> numa_nodes, llcs, cores;
  std::vector<std::vector<std::uint32_t>>
      distances{};  ///< of each NUMA node to all; nothing where there is one
};
GuestTopology read_topology();
/// The CPUs of each NUMA node; empty on a kernel without NUMA.
std::vector<std::vector<std::uint32_t>> read_numa_nodes();

/// A struct_ops program that is loaded, as the verifier and the statistics of runs know it.
struct BpfProgramView {
  std::uint32_t id = 0;
  std::string name;
  std::uint64_t verified_insns = 0, run_count = 0, run_ns = 0;
};
std::vector<BpfProgramView> read_bpf_programs();

/// A scenario that has been carried out, or begun.
struct ScenarioEnd {
  const kvm::Scenario* scenario = nullptr;
  const Workers* workers = nullptr;
  const Play* play = nullptr;
  std::size_t switched = 0;                               ///< workers that sched_ext had under it at the end
  std::vector<BpfProgramView> programs_before;            ///< when it began
  std::uint64_t burst_before_ns = 0, burst_after_ns = 0;  ///< burst_ns(); 0: not asked for
  std::vector<kvm::SchedulerReading> readings{};          ///< of the scheduler that was in force at the end
};

/// The result as JSON (docs/guest-protocol.md); null pointers leave their part null. `tasks`: what was found
/// running when something went wrong; `trace`: of the scenario.
std::string result_text(kvm::AgentOutcome outcome, const std::string& message, const Scheduler* scheduler,
                        const ScenarioEnd* end, const std::vector<kvm::GuestTask>& tasks,
                        const std::string& trace = {});

}  // namespace ktstr::agent
