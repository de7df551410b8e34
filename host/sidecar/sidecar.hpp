// SPDX-License-Identifier: Apache-2.0
//
// The host's view of a sidecar: what the runner made, what the host adds, and what a comparison reads out of
// it.
#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric_registry.hpp"
#include "sidecar/cgroup_record.hpp"
#include "sidecar/host_delta.hpp"
#include "sidecar/host_drift.hpp"
#include "sidecar/payload_metrics.hpp"
#include "sidecar/sidecar_head.hpp"
#include "sidecar/variant_hash.hpp"
#include "support/json.hpp"

namespace ktstr {

inline constexpr std::uint64_t kMaxSidecar = 64 << 20;  ///< bytes of a file that is read

/// Where in a perf-delta plan a run stood.
struct PlanPlace {
  bool head = false;
  std::uint64_t block = 0, slot = 0;
  std::string plan;  ///< identity of the plan: runs of different plans never mix
};

/// A gate that a test's author declared for perf-delta.
struct DeclaredGate {
  std::string metric;
  std::optional<std::uint32_t> direction;    ///< KTSTR_LOWER_IS_BETTER …; nothing: the registry's
  std::optional<double> rel_gate, abs_gate;  ///< nothing: the registry's
  std::string phase;                         ///< empty: the whole run
  auto operator<=>(const DeclaredGate&) const = default;
};

/// One phase of a scenario: a step, or the baseline before the first one.
struct PhaseRecord {
  std::uint64_t index = 0;
  std::string label;
  std::map<std::string, double, std::less<>> values;  ///< by registry name
};

/// The fields that only the host knows.
struct HostStamp {
  std::string project_commit, project_commit_full;  ///< empty: null
  std::string kernel_label;  ///< tells it from other kernels of its version; empty: null
  std::string kernel_commit, kernel_commit_full;
  std::string kernel_version, kernel_release;  ///< for a runner that does not say: tests on this machine's
  std::string timestamp, run_id, run_source;
  json::value host, host_before;
  bool elsewhere = false;        ///< the runner tells of the machine instead: what its sidecar says stays
  json::value plugins;           ///< an array
  json::value earlier_attempts;  ///< an array; null: there was none
  std::optional<PlanPlace> place;
};

/// Completes a runner's sidecar in place of its nulls; the order of keys stays. The runner's text is checked
/// to be an object with a usable test_name.
struct CompletedSidecar {
  std::string text;  ///< to be stored
  std::string test, hash;
};
Result<CompletedSidecar> complete_sidecar(std::string_view runner_text, const HostStamp& stamp);

/// What a comparison needs of one sidecar. Absent, zero and not finite are three things: only finite numbers
/// are in `values`.
struct SidecarRecord : SidecarHead {
  std::string file;  ///< for messages
  std::string kernel_release;
  std::string project_commit_full;
  std::string scheduler_sha256, manifest_sha256;  ///< empty: the kernel's own, or an older writer
  std::string run_id, accelerator, time_source, template_id, boot_id, node;
  bool passed = false, skipped = false, inconclusive = false, expected_failure = false;
  std::vector<PayloadMetricRecord> payload_metrics;  ///< by name
  std::optional<double> run_ms;                      ///< host time from the start of its machine to its end
  std::optional<double> burst_before_us, burst_after_us;  ///< what a fixed amount of work took the guest
  std::optional<double> cpu_ran_ms, cpu_waited_ms;  ///< of the guest's threads on the host, in the scenario
  bool flaky = false;                               ///< an attempt before this one failed
  bool performance_mode = true;                     ///< older writers left the field out
  std::optional<std::uint64_t> slot, seed;
  bool head_side = false;  ///< meaningful with a block
  std::string plan;        ///< of a planned run; empty: none, or an older writer
  std::string session;     ///< which session of that plan it was read from; not in the file
  std::optional<std::int64_t> vcpus;
  std::map<std::string, double, std::less<>> values;  ///< by registry name
  std::optional<std::uint64_t> workers;               ///< in all
  double wakeups =
      std::numeric_limits<double>::quiet_NaN();  ///< samples behind latencies, in all; NaN: not counted
  double timers = std::numeric_limits<double>::quiet_NaN();
  std::vector<CgroupRecord> cgroups;  ///< in the order of the manifest
  HostIdentity host_identity;         ///< empty without a host context
  HostReadings host_readings;
  std::vector<DeclaredGate> declared;
  std::vector<PhaseRecord> phases;  ///< by index

  bool counts() const { return passed && !skipped && !inconclusive && !expected_failure; }
  /// How fast a machine the host was to the guest: the share that it got of the CPU time that it wanted, over
  /// what the faster of the two bursts took, per microsecond. NaN: not known, of no meaning because its clock
  /// is virtual, or decided by the guest itself, whose CPUs wait for each other.
  double host_speed() const;
};

/// Reads a sidecar of this or an older writer. The error names the file and the key.
Result<SidecarRecord> read_sidecar(std::string_view text, const std::string& file,
                                   const MetricRegistry& metrics);

/// Whether that error is about a schema that this reader does not know yet; it may have been remembered as a
/// message only.
bool is_from_newer_writer(const Error& error);

/// A file that `stats` and comparisons read: ".json" at the end and ".ktstr." in it.
bool is_sidecar_file(std::string_view name);

}  // namespace ktstr
