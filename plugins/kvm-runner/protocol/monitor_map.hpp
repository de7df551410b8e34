// SPDX-License-Identifier: Apache-2.0
//
// The monitor map: where this kernel keeps its run queues. The agent writes it into the mailbox's first page
// before anything foreign runs in the guest (it is part of a template); with it the runner reads run queues
// out of the guest's memory from outside. What a kernel does not have is marked as absent, never as zero.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ktstr::kvm {

inline constexpr std::uint64_t kMonitorMapOffset = 2048;  ///< from the start of the mailbox
inline constexpr std::uint32_t kMonitorMapMagic = 0x314d4d4b;
inline constexpr std::uint32_t kNoField = 0xffffffff;
inline constexpr std::uint64_t kNoSymbol = 0;

/// Of the kernel's symbol table; those of sched_ext come last.
inline constexpr auto kMonitorSymbols = std::to_array<std::string_view>({
    "_text", "runqueues", "__per_cpu_offset", "init_top_pgt",
    "page_offset_base",  // tells four levels of page tables from five
    "init_task",         // the first of all tasks
    "vmcoreinfo_data",   // tells where the kernel's own table of symbols is
    "scx_root",          // Linux 6.16: the scheduler in force, which has the counters of events
    "event_stats_cpu",   // Linux 6.15: the counters themselves
});

struct MonitorField {
  std::string_view structure, member;
};

/// Of the kernel's type information, as offsets in bytes.
inline constexpr auto kMonitorFields = std::to_array<MonitorField>({
    {"rq", "nr_running"},
    {"rq", "online"},
    {"rq", "clock"},
    {"rq", "curr"},
    {"rq", "idle"},
    {"rq", "scx"},
    {"rq", "rq_sched_info"},
    {"rq", "yld_count"},
    {"rq", "sched_count"},
    {"rq", "sched_goidle"},
    {"rq", "ttwu_count"},
    {"rq", "ttwu_local"},
    {"sched_info", "run_delay"},
    {"sched_info", "pcount"},
    {"task_struct", "pid"},
    {"task_struct", "comm"},
    {"task_struct", "flags"},
    {"task_struct", "tasks"},
    {"task_struct", "__state"},
    {"task_struct", "stack"},
    {"task_struct", "thread"},
    {"thread_struct", "sp"},
    {"scx_rq", "local_dsq"},
    {"scx_dispatch_q", "nr"},
    {"scx_sched", "event_stats_cpu"},
    {"scx_sched", "pcpu"},
    {"scx_sched_pcpu", "event_stats"},
    {"scx_event_stats", "SCX_EV_SELECT_CPU_FALLBACK"},
    {"scx_event_stats", "SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE"},
    {"scx_event_stats", "SCX_EV_DISPATCH_KEEP_LAST"},
    {"scx_event_stats", "SCX_EV_ENQ_SKIP_EXITING"},
    {"scx_event_stats", "SCX_EV_ENQ_SKIP_MIGRATION_DISABLED"},
    {"scx_event_stats", "SCX_EV_REENQ_IMMED"},
    {"scx_event_stats", "SCX_EV_REENQ_LOCAL_REPEAT"},
    {"scx_event_stats", "SCX_EV_REFILL_SLICE_DFL"},
    {"scx_event_stats", "SCX_EV_BYPASS_DURATION"},
    {"scx_event_stats", "SCX_EV_BYPASS_DISPATCH"},
    {"scx_event_stats", "SCX_EV_BYPASS_ACTIVATE"},
    {"scx_event_stats", "SCX_EV_INSERT_NOT_OWNED"},
    {"scx_event_stats", "SCX_EV_SUB_BYPASS_DISPATCH"},
    {"bpf_ksym", "lnode"},  // code of BPF programs
    {"bpf_ksym", "start"},
    {"bpf_ksym", "end"},
    {"bpf_ksym", "name"},
});

constexpr std::size_t monitor_symbol(std::string_view name) {
  std::size_t i = 0;
  while (i < kMonitorSymbols.size() && kMonitorSymbols[i] != name) ++i;
  return i;
}

constexpr std::size_t monitor_field(std::string_view structure, std::string_view member) {
  std::size_t i = 0;
  while (i < kMonitorFields.size() &&
         (kMonitorFields[i].structure != structure || kMonitorFields[i].member != member))
    ++i;
  return i;
}

struct MonitorMap {
  std::uint32_t magic = 0;  ///< kMonitorMapMagic once the rest is complete
  std::uint32_t reserved = 0;
  std::uint64_t code_start = 0;  ///< where `_text` lies in guest-physical memory
  std::array<std::uint64_t, kMonitorSymbols.size()> symbols{};
  std::array<std::uint32_t, kMonitorFields.size()> fields{};
};
static_assert(kMonitorMapOffset + sizeof(MonitorMap) <= 4096, "it shares a page with the mailbox's header");

/// The two ports of the devices by which the agent stops the machine for a sample, by turns; see
/// docs/decisions/0016-the-monitor-reads-guest-memory.md.
inline constexpr unsigned short kSamplePort = 0xe9;

}  // namespace ktstr::kvm
