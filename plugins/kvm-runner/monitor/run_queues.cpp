// SPDX-License-Identifier: Apache-2.0
#include "monitor/run_queues.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kFirstOfFourLevels = 0xffff800000000000;  // kernel addresses below it need five

/// Without these a run queue says nothing.
constexpr std::size_t kNeededSymbols[] = {monitor_symbol("_text"), monitor_symbol("runqueues"),
                                          monitor_symbol("__per_cpu_offset"), monitor_symbol("init_top_pgt")};
constexpr std::size_t kNrRunning = monitor_field("rq", "nr_running"), kOnline = monitor_field("rq", "online"),
                      kClock = monitor_field("rq", "clock"), kCurrent = monitor_field("rq", "curr"),
                      kIdle = monitor_field("rq", "idle"), kPid = monitor_field("task_struct", "pid");
constexpr std::size_t kComm = monitor_field("task_struct", "comm"), kCommBytes = 16;
constexpr std::size_t kNeededFields[] = {kNrRunning, kOnline, kClock, kCurrent, kIdle, kPid};

constexpr std::size_t kScx = monitor_field("rq", "scx"), kLocalQueue = monitor_field("scx_rq", "local_dsq"),
                      kQueued = monitor_field("scx_dispatch_q", "nr"),
                      kSchedInfo = monitor_field("rq", "rq_sched_info"),
                      kOfScheduler = monitor_field("scx_sched", "event_stats_cpu"),
                      kPerCpu = monitor_field("scx_sched", "pcpu"),
                      kInPerCpu = monitor_field("scx_sched_pcpu", "event_stats");

std::string lack(const MonitorMap& map) {
  if (map.magic != kMonitorMapMagic) return "the agent left no map of the kernel";
  if (map.code_start == 0) return "the guest does not say where its kernel lies";
  for (const std::size_t symbol : kNeededSymbols) {
    if (map.symbols[symbol] == kNoSymbol)
      return "the kernel does not tell where its " + std::string(kMonitorSymbols[symbol]) +
             " is (CONFIG_KALLSYMS_ALL)";
  }
  for (const std::size_t field : kNeededFields) {
    if (map.fields[field] == kNoField)
      return "the kernel's type information (CONFIG_DEBUG_INFO_BTF) lacks " +
             std::string(kMonitorFields[field].structure) + "." + std::string(kMonitorFields[field].member);
  }
  return {};
}

}  // namespace

AddressSpace kernel_space(const GuestRam& ram, const MonitorMap& map) {
  const auto in_image = [&](std::string_view symbol) {
    return map.symbols[monitor_symbol(symbol)] - map.symbols[monitor_symbol("_text")] + map.code_start;
  };
  bool five_levels = false;
  if (map.symbols[monitor_symbol("page_offset_base")] != kNoSymbol) {
    const std::optional<std::uint64_t> base = ram.read<std::uint64_t>(in_image("page_offset_base"));
    five_levels = base && *base < kFirstOfFourLevels;
  }
  return {ram, in_image("init_top_pgt"), five_levels};
}

std::optional<RunQueues> RunQueues::find(const GuestRam& ram, const MonitorMap& map, std::uint32_t cpus,
                                         std::string& problem) {
  if (problem = lack(map); !problem.empty()) return std::nullopt;
  RunQueues queues(kernel_space(ram, map), map);
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    const std::optional<std::uint64_t> offset =
        queues.space_.read<std::uint64_t>(map.symbols[monitor_symbol("__per_cpu_offset")] + cpu * 8ULL);
    if (!offset) {
      problem = "the kernel's per-CPU data are not where it says";
      return std::nullopt;
    }
    queues.per_cpu_.push_back(*offset);
  }
  KTSTR_ASSERT(queues.per_cpu_.size() == cpus);
  return queues;
}

std::optional<CpuReading> RunQueues::read_cpu(std::uint64_t rq, bool& readable) const {
  const auto online = member<std::int32_t>(rq, kOnline);
  if (online && *online == 0) return std::nullopt;
  const auto running = member<std::uint32_t>(rq, kNrRunning);
  const auto clock = member<std::uint64_t>(rq, kClock), current = member<std::uint64_t>(rq, kCurrent),
             idle = member<std::uint64_t>(rq, kIdle);
  const auto pid = current ? member<std::int32_t>(*current, kPid) : std::nullopt;
  readable = readable && online && running && clock && idle && pid;
  if (!readable) return CpuReading{};
  CpuReading cpu{*current == *idle, *running, std::nullopt, *clock, std::nullopt, *pid, {}};
  if (has(kComm)) {
    cpu.name = space_.read_bytes(*current + map_.fields[kComm], kCommBytes);
    cpu.name.resize(std::min(cpu.name.find('\0'), cpu.name.size()));
  }
  if (has(kScx) && has(kLocalQueue) && has(kQueued)) {
    const std::uint64_t queue = rq + map_.fields[kScx] + map_.fields[kLocalQueue];
    cpu.local_dsq = member<std::uint32_t>(queue, kQueued);
    readable = cpu.local_dsq.has_value();
  }
  // The agent looks after the guest ten times a second, ahead of everybody: whom it keeps from running for
  // that moment stands first in the local queue.
  if (cpu.pid == 1) {
    cpu.nr_running -= std::min(cpu.nr_running, 1U);
    cpu.idle = cpu.nr_running == 0;
    if (cpu.local_dsq) *cpu.local_dsq -= std::min(*cpu.local_dsq, 1U);
  }
  return cpu;
}

/// Where a CPU's counters of events are: in the scheduler, in its per-CPU part, or (the first kernel that had
/// them) in the kernel's own per-CPU data.
std::optional<std::uint64_t> RunQueues::events_of(std::size_t cpu, std::uint64_t scheduler) const {
  KTSTR_ASSERT(cpu < per_cpu_.size());
  if (scheduler != 0 && has(kPerCpu) && has(kInPerCpu)) {
    const auto part = member<std::uint64_t>(scheduler, kPerCpu);
    return part ? std::optional(*part + per_cpu_[cpu] + map_.fields[kInPerCpu]) : std::nullopt;
  }
  if (scheduler != 0 && has(kOfScheduler)) {
    const auto stats = member<std::uint64_t>(scheduler, kOfScheduler);
    return stats ? std::optional(*stats + per_cpu_[cpu]) : std::nullopt;
  }
  const std::uint64_t own = map_.symbols[monitor_symbol("event_stats_cpu")];
  return own != kNoSymbol ? std::optional(own + per_cpu_[cpu]) : std::nullopt;
}

void RunQueues::count(std::size_t cpu, std::uint64_t scheduler, Counters& counters) const {
  KTSTR_ASSERT(cpu < per_cpu_.size());
  const std::uint64_t rq = map_.symbols[monitor_symbol("runqueues")] + per_cpu_[cpu];
  const std::optional<std::uint64_t> events = events_of(cpu, scheduler);
  for (std::size_t i = 0; i < kMonitorCounters.size(); ++i) {
    const MonitorCounter& counter = kMonitorCounters[i];
    std::optional<std::uint64_t> base = rq;
    if (counter.kind == CounterKind::kEvent) base = events;
    if (kMonitorFields[counter.field].structure == "sched_info")
      base = has(kSchedInfo) ? std::optional(rq + map_.fields[kSchedInfo]) : std::nullopt;
    if (!base) continue;
    std::optional<std::uint64_t> value;
    if (counter.bytes == 4) {
      value = member<std::uint32_t>(*base, counter.field);
    } else {
      value = member<std::uint64_t>(*base, counter.field);
    }
    if (value) counters[i] = counters[i].value_or(0) + *value;
  }
}

Reading RunQueues::read() const {
  Reading reading;
  const std::uint64_t root = map_.symbols[monitor_symbol("scx_root")];
  if (root != kNoSymbol) reading.scheduler = space_.read<std::uint64_t>(root).value_or(0);
  for (std::size_t cpu = 0; cpu < per_cpu_.size(); ++cpu) {
    const std::uint64_t rq = map_.symbols[monitor_symbol("runqueues")] + per_cpu_[cpu];
    reading.cpus.push_back(read_cpu(rq, reading.readable));
    if (reading.cpus.back()) count(cpu, reading.scheduler, reading.counters);
  }
  KTSTR_ASSERT(reading.cpus.size() == per_cpu_.size());
  return reading;
}

}  // namespace ktstr::kvm
