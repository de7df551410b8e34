// SPDX-License-Identifier: Apache-2.0
//
// What the guest's kernel counts by itself and the agent reads when a phase begins and when the scenario
// ends. All of them only grow, so that a phase has differences. Which metrics are made of them:
// judge/counter_metrics.cpp. A new one is a row here and, unless its source is read already, a function of
// agent/counters.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace ktstr::kvm {

enum class CounterSource : std::uint8_t {
  kSchedstat,   ///< /proc/schedstat, a field of the cpu lines, all CPUs together
                ///< (Documentation/scheduler/sched-stats.rst)
  kStat,        ///< /proc/stat, a field of the first cpu line, in clock ticks; told in ns
  kStatTotal,   ///< /proc/stat, the first number of a line
  kSoftirqs,    ///< /proc/softirqs, a line, by CPU
  kInterrupts,  ///< /proc/interrupts, all lines, by CPU
  kPressure,    ///< /proc/pressure/irq, the total of its "full" line, in us
  kVmstat,      ///< /proc/vmstat, a line
  kSchedExt,    ///< /sys/kernel/sched_ext/root/events, a line
};

struct Counter {
  std::string_view name;  ///< with its unit where it has one
  CounterSource source;
  std::uint8_t field = 0;      ///< of the line, behind its name
  std::string_view line = {};  ///< its name
  bool by_cpu = false;         ///< told for each CPU
};

inline constexpr auto kCounters = [] {
  using enum CounterSource;
  return std::to_array<Counter>({
      {"yld_count", kSchedstat, 0},
      {"sched_count", kSchedstat, 2},
      {"sched_goidle", kSchedstat, 3},
      {"ttwu_count", kSchedstat, 4},
      {"ttwu_local", kSchedstat, 5},
      {"run_delay_ns", kSchedstat, 7},
      {"pcount", kSchedstat, 8},
      {"irq_time_ns", kStat, 5},
      {"softirq_time_ns", kStat, 6},
      {"steal_time_ns", kStat, 7},
      {"idle_time_ns", kStat, 3},
      {"context_switches", kStatTotal, 0, "ctxt"},
      {"forks", kStatTotal, 0, "processes"},
      {"hardirqs", kInterrupts, 0, {}, true},
      {"softirq_timer", kSoftirqs, 0, "TIMER:"},
      {"softirq_net_tx", kSoftirqs, 0, "NET_TX:"},
      {"softirq_net_rx", kSoftirqs, 0, "NET_RX:", true},
      {"softirq_sched", kSoftirqs, 0, "SCHED:"},
      {"irq_pressure_us", kPressure, 0, "full"},
      {"numa_pages_migrated", kVmstat, 0, "numa_pages_migrated"},
      {"scx_fallback", kSchedExt, 0, "SCX_EV_SELECT_CPU_FALLBACK"},
      {"scx_dispatch_offline", kSchedExt, 0, "SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE"},
      {"scx_keep_last", kSchedExt, 0, "SCX_EV_DISPATCH_KEEP_LAST"},
      {"scx_enq_skip_exiting", kSchedExt, 0, "SCX_EV_ENQ_SKIP_EXITING"},
      {"scx_enq_skip_migration_disabled", kSchedExt, 0, "SCX_EV_ENQ_SKIP_MIGRATION_DISABLED"},
      {"scx_refill_slice_dfl", kSchedExt, 0, "SCX_EV_REFILL_SLICE_DFL"},
      {"scx_bypass_duration_ns", kSchedExt, 0, "SCX_EV_BYPASS_DURATION"},
      {"scx_bypass_dispatch", kSchedExt, 0, "SCX_EV_BYPASS_DISPATCH"},
      {"scx_bypass_activate", kSchedExt, 0, "SCX_EV_BYPASS_ACTIVATE"},
  });
}();

constexpr std::size_t counter_row(std::string_view name) {
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    if (kCounters[i].name == name) return i;
  }
  return kCounters.size();
}

}  // namespace ktstr::kvm
