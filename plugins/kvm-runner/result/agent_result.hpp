// SPDX-License-Identifier: Apache-2.0
//
// What the guest's agent reported (docs/guest-protocol.md), after every bound was checked. Texts are still
// untrusted.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

inline constexpr std::uint64_t kNsPerMs = 1'000'000;

enum class AgentOutcome {
  kOk,
  kSpecError,
  kSetupError,
  kSchedulerAttachFailed,
  kSchedulerDied,
  kSchedulerEjected,
  kAgentError,
};

struct WorkerReport {
  std::int64_t tid = 0;
  bool messenger = false;
  std::uint64_t work_units = 0, iterations = 0, cpu_time_ns = 0, wall_time_ns = 0, off_cpu_ns = 0,
                migrations = 0;
  std::vector<std::uint32_t> cpus_used;
  std::uint64_t max_gap_ns = 0, max_gap_cpu = 0, max_gap_at_ns = 0;
  std::vector<std::uint64_t> wake_latencies_ns, timer_latencies_ns;
  std::uint64_t wake_count = 0;
  std::uint64_t run_delay_ns = 0, run_count = 0;
  bool completed = false;
  std::string exit;
};

struct CgroupReport {
  std::string name;
  std::vector<std::uint32_t> cpuset;
  std::vector<WorkerReport> workers;
};

struct ScenarioReport {
  std::uint64_t start_ns = 0, end_ns = 0;
  std::vector<CgroupReport> cgroups;
  double seconds() const { return static_cast<double>(end_ns - start_ns) / 1e9; }
};

/// Why a scheduler failed, where the agent knows and people can do something about it.
enum class SchedulerCause { kNone, kOutOfMemory, kLeftForeground, kTimeOut };

struct SchedulerReport {
  std::string ops, state, exit_reason, log;
  SchedulerCause cause = SchedulerCause::kNone;
  std::uint64_t switched = 0;  ///< workers that sched_ext had under it at the scenario's end
  bool switch_all = false;
  std::uint64_t attach_ns = 0;
  std::optional<std::int64_t> exit_status;
};

struct GuestTopology {
  std::vector<std::vector<std::uint32_t>> numa_nodes, llcs, cores;
};

struct BpfProgram {
  std::string name;
  std::uint64_t verified_insns = 0, run_count = 0, run_ns = 0;
};

struct AgentResult {
  AgentOutcome outcome = AgentOutcome::kAgentError;
  std::string nonce, message, kernel_release;
  GuestTopology topology;
  std::optional<SchedulerReport> scheduler;
  std::optional<ScenarioReport> scenario;
  std::vector<BpfProgram> bpf_programs;
  std::string dmesg;
};

/// Nothing when the text is not a result of this test, with one line in `problem` that says where it went
/// wrong. The guest may have written anything: sizes, nesting, numbers and names are all checked before they
/// are used.
std::optional<AgentResult> read_agent_result(std::string_view text, const TestSpec& test,
                                             std::string& problem);

}  // namespace ktstr::kvm
