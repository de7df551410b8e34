// SPDX-License-Identifier: Apache-2.0
//
// What one look at all run queues says, and what stays of it. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/monitor_map.hpp"

namespace ktstr::kvm {

enum class CounterKind : std::uint8_t { kEvent, kSchedstat };

/// A number that only grows, summed over CPUs.
struct MonitorCounter {
  std::string_view name;  ///< of its increase in the sidecar
  CounterKind kind;
  std::size_t field;  ///< of kMonitorFields
  std::uint32_t bytes = 8;
};

inline constexpr auto kMonitorCounters = [] {
  using enum CounterKind;
  constexpr auto event = [](std::string_view name, std::string_view member) {
    return MonitorCounter{name, kEvent, monitor_field("scx_event_stats", member)};
  };
  return std::to_array<MonitorCounter>({
      event("total_fallback", "SCX_EV_SELECT_CPU_FALLBACK"),
      event("total_dispatch_offline", "SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE"),
      event("total_dispatch_keep_last", "SCX_EV_DISPATCH_KEEP_LAST"),
      event("total_enq_skip_exiting", "SCX_EV_ENQ_SKIP_EXITING"),
      event("total_enq_skip_migration_disabled", "SCX_EV_ENQ_SKIP_MIGRATION_DISABLED"),
      event("total_reenq_immed", "SCX_EV_REENQ_IMMED"),
      event("total_reenq_local_repeat", "SCX_EV_REENQ_LOCAL_REPEAT"),
      event("total_refill_slice_dfl", "SCX_EV_REFILL_SLICE_DFL"),
      event("total_bypass_duration", "SCX_EV_BYPASS_DURATION"),
      event("total_bypass_dispatch", "SCX_EV_BYPASS_DISPATCH"),
      event("total_bypass_activate", "SCX_EV_BYPASS_ACTIVATE"),
      event("total_insert_not_owned", "SCX_EV_INSERT_NOT_OWNED"),
      event("total_sub_bypass_dispatch", "SCX_EV_SUB_BYPASS_DISPATCH"),
      {"total_run_delay", kSchedstat, monitor_field("sched_info", "run_delay")},
      {"total_pcount", kSchedstat, monitor_field("sched_info", "pcount")},
      {"total_sched_count", kSchedstat, monitor_field("rq", "sched_count"), 4},
      {"total_yld_count", kSchedstat, monitor_field("rq", "yld_count"), 4},
      {"total_sched_goidle", kSchedstat, monitor_field("rq", "sched_goidle"), 4},
      {"total_ttwu_count", kSchedstat, monitor_field("rq", "ttwu_count"), 4},
      {"total_ttwu_local", kSchedstat, monitor_field("rq", "ttwu_local"), 4},
  });
}();

constexpr std::size_t monitor_counter(std::string_view name) {
  std::size_t i = 0;
  while (i < kMonitorCounters.size() && kMonitorCounters[i].name != name) ++i;
  return i;
}

/// Sums over CPUs; nothing where the kernel has no such counter.
using Counters = std::array<std::optional<std::uint64_t>, kMonitorCounters.size()>;

/// One run queue as it was found.
struct CpuReading {
  bool idle = false;
  std::uint32_t nr_running = 0;
  std::optional<std::uint32_t> local_dsq;  ///< nothing: the kernel has no sched_ext
  std::uint64_t clock = 0;
  std::optional<std::uint64_t> ran_ns;  ///< CPU time that the virtual CPU has had; nothing: unknown
  std::int64_t pid = 0;                 ///< of the current task; 0: the idle task
  std::string name;                     ///< and its name, as the guest has it: anything
};

/// All that one look found.
struct Reading {
  std::uint64_t at_ns = 0;                      ///< guest's CLOCK_MONOTONIC
  bool readable = true;                         ///< false: some address led nowhere
  std::vector<std::optional<CpuReading>> cpus;  ///< nothing: the CPU is offline
  std::uint64_t scheduler = 0;                  ///< whose the counters of events are
  Counters counters;
};

/// What is kept of a reading.
struct MonitorSample {
  std::uint64_t at_ns = 0;
  bool valid = false;  ///< false: it cannot be true, and only counts as taken
  std::uint32_t cpus = 0;
  double imbalance = 1;  ///< longest run queue over shortest, the latter at least 1
  std::uint64_t running = 0;
  std::uint32_t idle = 0;               ///< CPUs that ran their idle task
  std::uint64_t slowest_clock = 0;      ///< of the run queue that is furthest behind
  std::optional<std::uint64_t> queued;  ///< in local dispatch queues, all CPUs
  std::uint32_t deepest = 0, deepest_cpu = 0;
  std::uint32_t stuck = 0,
                stuck_cpu = 0;  ///< CPUs whose clock stood still since the sample before, and the first
  std::uint64_t scheduler = 0;
  Counters counters;
};

/// `before`: the last valid reading, or null.
MonitorSample reduce(const Reading* before, const Reading& now);

/// Everything that was sampled of one guest while its scenario ran.
struct MonitorReport {
  std::vector<MonitorSample> samples;
  std::optional<Reading> last;  ///< the last valid one, whole
  std::string reason;           ///< why there are none; one line
};

}  // namespace ktstr::kvm
