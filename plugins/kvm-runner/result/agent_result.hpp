// SPDX-License-Identifier: Apache-2.0
//
// What the guest's agent reported (docs/guest-protocol.md), after every bound was checked. Texts are still
// untrusted.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/test_spec.hpp"
#include "protocol/counters.hpp"
#include "protocol/histogram.hpp"
#include "protocol/result_rows.hpp"
#include "protocol/worker_numbers.hpp"
#include "result/guest_scene.hpp"

namespace ktstr::kvm {

inline constexpr std::uint64_t kNsPerMs = 1'000'000;

/// One distribution of a worker: of all the samples that it saw, those that it kept.
struct Samples {
  std::uint64_t seen = 0;
  std::vector<std::uint64_t> kept;
};

struct WorkerReport : WorkerNumbers {
  std::int64_t tid = 0;
  std::size_t set = 0;  ///< of the test's scenario
  const WorkType* type = nullptr;
  bool messenger = false;  ///< the waking side of a work type that has one
  std::vector<std::uint32_t> cpus_used;
  std::array<Samples, 2> samples;         ///< of the work type's distributions
  std::array<std::uint64_t, 4> counts{};  ///< of the work type's counters
  bool completed = false;
  std::string exit;

  /// The samples of a distribution by its name; null when this type of work does not measure it.
  const std::vector<std::uint64_t>* find_samples(std::string_view name) const;
};

/// All workers of a cgroup, of whichever set. Those of the root cgroup are in one called "root".
struct CgroupReport {
  std::string name;
  std::size_t cgroup = kRootCgroup;  ///< of the test's scenario
  std::vector<WorkerReport> workers;
};

struct SetProgress : SetNumbers {
  std::array<Buckets, 2> samples;  ///< of the work type's distributions
};

/// The guest's counters (protocol/counters.hpp) at one moment; nothing: its kernel does not have it.
struct CounterReading {
  std::array<std::optional<std::uint64_t>, kCounters.size()> totals;
  std::array<std::vector<std::uint64_t>, kCounters.size()> by_cpu;
};

/// A phase begins; the last mark is the scenario's end.
struct Mark {
  std::uint64_t at_ns = 0;
  std::string label;
  std::vector<SetProgress> sets;
  CounterReading counters;
};

/// How far each set was at one moment; taken every 100 ms.
struct Pulse {
  std::uint64_t at_ns = 0;
  std::vector<std::uint64_t> rounds;  ///< of each set of workers, without those that only wake others
};

/// What the operation `snapshot` kept of one moment, by name.
struct Snapshot {
  std::string name;
  std::uint64_t at_ns = 0;
  std::map<std::string, double> values;  ///< names are untrusted
};

struct ScenarioReport {
  std::uint64_t start_ns = 0, end_ns = 0;
  std::uint64_t burst_before_ns = 0, burst_after_ns = 0;  ///< agent/speed.hpp; 0: not measured
  std::vector<Mark> marks;
  std::vector<Pulse> pulses;
  std::vector<Snapshot> snapshots;
  std::vector<PayloadRun> payloads;
  std::vector<SchedulerReading> readings;
  std::vector<CgroupReport> cgroups;  ///< with at least one worker
  double seconds() const { return static_cast<double>(end_ns - start_ns) / 1e9; }
};

struct GuestTopology {
  std::vector<std::vector<std::uint32_t>> numa_nodes, llcs, cores;
  std::vector<std::vector<std::uint32_t>>
      distances{};  ///< of each NUMA node to all; nothing where there is one
};

struct AgentResult {
  AgentOutcome outcome = AgentOutcome::kAgentError;
  std::string nonce, message, kernel_release;
  GuestTopology topology;
  std::optional<SchedulerReport> scheduler;
  std::optional<ScenarioReport> scenario;
  std::vector<BpfProgram> bpf_programs;
  GuestScene scene;
  std::string trace;  ///< of the kernel, as text; empty: none was asked for
  std::string dmesg;
};

/// Nothing when the text is not a result of this test, with one line in `problem` that says where it went
/// wrong. The guest may have written anything: sizes, nesting, numbers and names are all checked before they
/// are used.
std::optional<AgentResult> read_agent_result(std::string_view text, const TestSpec& test,
                                             std::string& problem);

}  // namespace ktstr::kvm
