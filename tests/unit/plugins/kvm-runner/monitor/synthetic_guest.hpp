// SPDX-License-Identifier: Apache-2.0
//
// The memory of a guest that never was: page tables, per-CPU data and run queues where a map says they are.
#pragma once
#include <sys/mman.h>

#include <cstring>
#include <vector>

#include "monitor/guest_ram.hpp"
#include "protocol/monitor_map.hpp"

namespace ktstr::kvm::testing {

inline constexpr std::uint64_t kDirectMap = 0xffff888000000000, kText = 0xffffffff81000000, kCode = 0x100000;

class SyntheticGuest {
 public:
  static constexpr std::uint64_t kBytes = 8 << 20, kRoot = 0x10000;
  // By their guest-physical addresses; the direct map leads to all of them.
  static constexpr std::uint64_t kOffsets = 0x20000, kFirstQueue = 0x200000, kQueueStep = 0x10000,
                                 kTask = 0x30000, kIdleTask = 0x31000, kAgentTask = 0x32000,
                                 kScheduler = 0x40000, kStatsOffset = 0x800;

  explicit SyntheticGuest(std::uint32_t cpus) : memory_({kBytes}) {
    base_ = static_cast<char*>(
        ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory_.node(0).fd, 0));
    map_.magic = kMonitorMapMagic;
    map_.code_start = kCode;
    // The image is not mapped: only what is taken out of it by plain arithmetic needs it.
    symbol("_text", kText);
    symbol("init_top_pgt", kText + kRoot - kCode);
    symbol("__per_cpu_offset", kDirectMap + kOffsets);
    symbol("runqueues", 0x1000);
    symbol("scx_root", kDirectMap + 0x42000);
    for (std::size_t i = 0; i < kMonitorFields.size(); ++i)
      map_.fields[i] = static_cast<std::uint32_t>(8 * i);
    map_.fields[monitor_field("scx_rq", "local_dsq")] = 0;
    map_.fields[monitor_field("scx_dispatch_q", "nr")] = 4;
    map_.fields[monitor_field("sched_info", "pcount")] = 0;
    map_.fields[monitor_field("sched_info", "run_delay")] = 8;
    map_.fields[monitor_field("rq", "scx")] = 0x400;
    map_.fields[monitor_field("rq", "rq_sched_info")] = 0x500;
    map_large_pages();
    put<std::uint32_t>(kTask + field("task_struct", "pid"), 77);
    put<std::uint32_t>(kAgentTask + field("task_struct", "pid"), 1);
    for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
      put<std::uint64_t>(kOffsets + 8 * cpu, kDirectMap + kFirstQueue + cpu * kQueueStep - 0x1000);
      set_queue(cpu, 0, 0, 1'000'000);
      run(cpu, kIdleTask);
      put<std::uint64_t>(queue(cpu) + field("rq", "idle"), kDirectMap + kIdleTask);
      put<std::uint32_t>(queue(cpu) + field("rq", "online"), 1);
    }
  }
  ~SyntheticGuest() { ::munmap(base_, kBytes); }
  SyntheticGuest(const SyntheticGuest&) = delete;
  SyntheticGuest& operator=(const SyntheticGuest&) = delete;

  template <typename T>
  void put(std::uint64_t physical, T value) {
    std::memcpy(base_ + physical, &value, sizeof value);
  }
  std::uint32_t field(std::string_view structure, std::string_view member) const {
    return map_.fields[monitor_field(structure, member)];
  }
  static std::uint64_t queue(std::uint32_t cpu) { return kFirstQueue + cpu * kQueueStep; }
  void set_queue(std::uint32_t cpu, std::uint32_t running, std::uint32_t local, std::uint64_t clock) {
    put(queue(cpu) + field("rq", "nr_running"), running);
    put(queue(cpu) + field("rq", "clock"), clock);
    put(queue(cpu) + field("rq", "scx") + field("scx_rq", "local_dsq") + field("scx_dispatch_q", "nr"),
        local);
  }
  void run(std::uint32_t cpu, std::uint64_t task) {
    put(queue(cpu) + field("rq", "curr"), kDirectMap + task);
  }
  /// As in Linux 6.18: the scheduler has per-CPU parts, in which the counters are.
  void attach_scheduler(std::uint32_t cpu, std::uint64_t fallbacks) {
    put(0x42000, kDirectMap + kScheduler);
    put(kScheduler + field("scx_sched", "pcpu"), std::uint64_t{0x1000 + kStatsOffset});
    put(queue(cpu) + kStatsOffset + field("scx_sched_pcpu", "event_stats") +
            field("scx_event_stats", "SCX_EV_SELECT_CPU_FALLBACK"),
        fallbacks);
  }
  void symbol(std::string_view name, std::uint64_t address) { map_.symbols[monitor_symbol(name)] = address; }
  char* bytes() { return base_; }
  MonitorMap& map() { return map_; }
  const GuestMemory& memory() const { return memory_; }

 private:
  /// Four levels, the last of 2 MiB pages: the direct map of all memory.
  void map_large_pages() {
    constexpr std::uint64_t kUpper = 0x11000, kMiddle = 0x12000;
    put<std::uint64_t>(kRoot + (kDirectMap >> 39U & 511U) * 8, kUpper | 1U);
    put<std::uint64_t>(kUpper + (kDirectMap >> 30U & 511U) * 8, kMiddle | 1U);
    for (std::uint64_t at = 0; at < kBytes; at += 2 << 20)
      put<std::uint64_t>(kMiddle + (at >> 21U) * 8, at | 0x81U);
  }

  GuestMemory memory_;
  MonitorMap map_;
  char* base_ = nullptr;
};

}  // namespace ktstr::kvm::testing
