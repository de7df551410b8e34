// SPDX-License-Identifier: Apache-2.0
//
// The table of work types: manifests, their schema, docs/tests.md and the agent are made from it. A new one is a row
// here and a function in agent/work/.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/parameter.hpp"

namespace ktstr::kvm {

/// Which workers belong together: they share a GroupShared, and a set has a multiple of their number.
struct WorkGroup {
  std::uint32_t fixed = 1;
  std::array<std::string_view, 2> plus = {};  ///< parameters of which the values are added
  bool whole_set = false;                     ///< all workers of a set are one group
};

struct WorkType {
  std::string_view name;
  std::string_view description;
  std::span<const Parameter> parameters = {};
  WorkGroup group = {};
  /// What it measures: names of distributions in the worker's report. The first is "wake" or "timer" where it is a
  /// latency of wake-ups or timers.
  std::array<std::string_view, 2> samples = {};
  std::array<std::string_view, 4> counts = {};  ///< what it counts beside iterations
  bool pipes = false;          ///< each worker of a group has a pipe to the next one, the last to the first
  bool has_messenger = false;  ///< the first of a group only wakes the others
  bool may_renice = false;     ///< keeps CAP_SYS_NICE: sets priorities, policies, other tasks' affinity

  // For rows of the table.
  constexpr WorkType measuring(std::string_view first, std::string_view second = {}) const {
    WorkType row = *this;
    row.samples = {first, second};
    return row;
  }
  constexpr WorkType counting(std::array<std::string_view, 4> names) const {
    WorkType row = *this;
    row.counts = names;
    return row;
  }
  constexpr WorkType in_groups_of(std::uint32_t fixed, std::string_view plus = {}, std::string_view and_plus = {}) const {
    WorkType row = *this;
    row.group = {fixed, {plus, and_plus}, false};
    return row;
  }
  constexpr WorkType in_one_group() const {
    WorkType row = *this;
    row.group = {0, {}, true};
    return row;
  }
  constexpr WorkType over_pipes() const {
    WorkType row = *this;
    row.pipes = true;
    return row;
  }
  constexpr WorkType with_messenger() const {
    WorkType row = *this;
    row.has_messenger = true;
    return row;
  }
  constexpr WorkType that_renices() const {
    WorkType row = *this;
    row.may_renice = true;
    return row;
  }

  std::uint32_t workers_per_group(const Values& values, std::uint32_t workers) const {
    if (group.whole_set) return std::max(workers, 1U);
    std::uint32_t size = group.fixed;
    for (const std::string_view more : group.plus)
      size += more.empty() ? 0 : static_cast<std::uint32_t>(number_of(parameters, values, more));
    return size;
  }
};

inline constexpr std::uint32_t kLargestGroup = 64;

namespace parameters {

inline constexpr std::int64_t kMostUnits = 100'000'000;
using enum ParameterKind;

constexpr Parameter units(std::int64_t by_default) {
  return {"units", kCount, "units of work (some nanoseconds each) of a burst", by_default, 1, kMostUnits};
}
constexpr Parameter cache_kib(std::int64_t by_default) {
  return {"cache_kib", kCount, "size of the private buffer", by_default, 1, 1 << 20};
}
constexpr Parameter microseconds(std::string_view name, std::string_view what, std::int64_t by_default,
                                 std::int64_t min = 1) {
  return {name, kCount, what, by_default, min, 10'000'000};
}
constexpr Parameter members(std::string_view name, std::string_view what, std::int64_t by_default) {
  return {name, kCount, what, by_default, 1, kLargestGroup - 1};
}
inline constexpr Parameter kStride = {"stride", kCount, "bytes from one access to the next", 64, 1, 4096};
inline constexpr Parameter kWidth = {
    "width", kChoice, "data path: as wide as the CPU has, or one", 0, 0, 0, "widest|scalar|sse|avx2|avx512"};

inline constexpr std::array kSpinWait = {units(1024)};
inline constexpr std::array kYieldHeavy = {units(64)};
inline constexpr std::array kMixed = {units(8192)};
inline constexpr std::array kIoSyncWrite = {
    Parameter{"bytes", kCount, "written before each fdatasync", 65'536, 512, 16 << 20},
    microseconds("sleep_us", "pause after each write", 100, 0)};
inline constexpr std::array kIoRandRead = {
    Parameter{"file_mib", kCount, "size of the file that is read", 8, 1, 1024}};
inline constexpr std::array kIoConvoy = {
    Parameter{"flush_every", kCount, "iterations from one fdatasync to the next", 16, 1, 65'536}};
inline constexpr std::array kBursty = {microseconds("busy_us", "time of work", 50'000),
                                       microseconds("sleep_us", "time asleep", 100'000)};
inline constexpr std::array kBurst1024 = {units(1024)};
inline constexpr std::array kCachePressure = {cache_kib(32), kStride};
inline constexpr std::array kCachePipe = {cache_kib(32), units(1024)};
inline constexpr std::array kFutexFanOut = {members("fan_out", "receivers of a messenger", 4), units(1024)};
inline constexpr std::array kFanOutCompute = {
    members("fan_out", "receivers of a messenger", 4), cache_kib(256),
    Parameter{"operations", kCount, "matrix multiplications of a request", 5, 1, 100'000},
    microseconds("sleep_us", "think time before a request", 100, 0)};
inline constexpr std::array kPageFaultChurn = {
    Parameter{"region_kib", kCount, "size of the mapped region", 4096, 4, 1 << 20},
    Parameter{"touches", kCount, "random pages touched in a round", 256, 1, 1 << 20}, units(64)};
inline constexpr std::array kMutexContention = {
    members("contenders", "workers that want one lock", 4),
    Parameter{"hold_units", kCount, "work while the lock is held", 256, 1, kMostUnits}, units(1024)};
inline constexpr std::array kSequence = {
    Parameter{"actions", kActions, "what is done, in this order, again and again", 0, 1, 64, {}, false}};
inline constexpr std::array kAluHot = {kWidth};
inline constexpr std::array kIpcVariance = {
    Parameter{"hot_units", kCount, "arithmetic of a period", 4096, 1, kMostUnits},
    Parameter{"cold_accesses", kCount, "cache misses of a period", 512, 1, kMostUnits}, cache_kib(8192)};
inline constexpr std::array kIdleChurn = {microseconds("busy_us", "time of work", 200),
                                          microseconds("sleep_us", "time asleep", 200)};
inline constexpr std::array kWakeChain = {
    Parameter{"depth", kCount, "workers of a chain", 4, 2, kLargestGroup},
    Parameter{"wake", kChoice, "how one wakes the next", 0, 0, 0, "pipe|futex"}, units(1024)};
inline constexpr std::array kAsymmetricWaker = {
    Parameter{"waker", kChoice, "policy of the one who wakes", 0, 0, 0, "fifo|rr|normal|batch|idle"},
    Parameter{"wakee", kChoice, "policy of the one who is woken", 0, 0, 0, "normal|batch|idle|fifo|rr"},
    units(1024)};
inline constexpr std::array kEpollStorm = {
    members("producers", "workers that write to eventfds", 2),
    Parameter{"consumers", kCount, "workers that wait in epoll", 2, 1, kLargestGroup / 2},
    Parameter{"events", kCount, "events of a burst", 8, 1, 1024}};
inline constexpr std::array kThunderingHerd = {
    members("waiters", "workers that one wake-up releases at once", 7),
    microseconds("interval_us", "from one wake-up to the next", 1000), units(1024)};
inline constexpr std::array kTimerLatency = {microseconds("interval_us", "from one wake-up to the next", 1000, 50),
                                             units(64)};
inline constexpr std::array kNetTraffic = {
    Parameter{"bytes", kCount, "of a message over loopback UDP", 1024, 1, 60'000},
    Parameter{"burst", kCount, "messages sent before an answer is awaited", 4, 1, 64}, units(256)};
inline constexpr std::array kIrqWake = {microseconds("interval_us", "period of the timer interrupt that wakes", 500, 50),
                                        units(256)};
inline constexpr std::array kNumaMigrationChurn = {
    Parameter{"region_kib", kCount, "size of the memory that moves along", 1024, 4, 1 << 20},
    microseconds("stay_us", "time on a node", 10'000)};
inline constexpr std::array kNumaWorkingSetSweep = {
    Parameter{"region_kib", kCount, "working set on each node", 1024, 4, 1 << 20}, kStride};
inline constexpr std::array kCgroupChurn = {microseconds("stay_us", "time in a child cgroup", 1000), units(1024)};
inline constexpr std::array kCgroupAttachStorm = {
    Parameter{"children", kCount, "tasks forked and attached in a storm", 8, 1, 256},
    microseconds("sleep_us", "pause between two storms", 1000, 0)};
inline constexpr std::array kPriorityInversion = {
    Parameter{"lock", kChoice, "futex with priority inheritance, or without", 0, 0, 0, "plain|pi"},
    Parameter{"hold_units", kCount, "work of the lowest while it holds the lock", 65'536, 1, kMostUnits},
    microseconds("sleep_us", "pause of the highest", 1000)};
inline constexpr std::array kSignalStorm = {
    Parameter{"signals", kCount, "real-time signals of a burst", 16, 1, 1024}, units(256)};
inline constexpr std::array kPreemptStorm = {
    Parameter{"rt_burst_units", kCount, "work of the real-time worker when it wakes", 256, 1, kMostUnits},
    microseconds("sleep_us", "its pause", 100)};
inline constexpr std::array kRtStarvation = {
    Parameter{"priority", kCount, "SCHED_FIFO priority of the first worker of a pair", 20, 1, 40},
    microseconds("busy_us", "its work", 20'000), microseconds("sleep_us", "its pause", 5000)};
inline constexpr std::array kProducerConsumer = {
    members("producers", "workers that fill the queue", 3),
    Parameter{"consumers", kCount, "workers that empty it", 1, 1, kLargestGroup / 2},
    Parameter{"depth", kCount, "items that the queue holds", 16, 1, 4096},
    Parameter{"produce_units", kCount, "work for an item", 256, 1, kMostUnits},
    Parameter{"consume_units", kCount, "work on an item", 1024, 1, kMostUnits}};
inline constexpr std::array kSchbench = {
    members("fan_out", "workers of a message thread", 4), cache_kib(256),
    Parameter{"operations", kCount, "matrix multiplications of a request", 5, 1, 100'000},
    microseconds("sleep_us", "think time before a request", 100, 0)};
inline constexpr std::array kTaobench = {
    Parameter{"items", kCount, "keys of the cache", 4096, 16, 1 << 20},
    Parameter{"hit_pct", kCount, "share of requests that the cache answers", 90, 0, 100},
    Parameter{"value_bytes", kCount, "size of an answer", 512, 8, 65'536},
    members("slow_workers", "workers that answer what the cache does not have", 2),
    Parameter{"clients", kCount, "workers that ask", 2, 1, kLargestGroup / 2},
    microseconds("miss_us", "time that a miss takes", 200, 0)};

}  // namespace parameters

inline constexpr auto kWorkTypes = [] {
  namespace p = parameters;
  return std::to_array<WorkType>({
      {"SpinWait", "spins without pause", p::kSpinWait},
      {"YieldHeavy", "a little work, then sched_yield", p::kYieldHeavy},
      {"Mixed", "a spin burst, then sched_yield", p::kMixed},
      WorkType{"Bursty", "busy, then asleep", p::kBursty}.measuring("wake"),
      WorkType{"PipeIo", "a burst, then a byte through a pipe to the partner and back", p::kBurst1024}
          .in_groups_of(2)
          .over_pipes()
          .measuring("wake"),
      WorkType{"FutexPingPong", "a burst, then wakes the partner by futex and waits", p::kBurst1024}
          .in_groups_of(2)
          .measuring("wake"),
      WorkType{"FutexFanOut", "one messenger wakes fan_out receivers by futex and waits for all", p::kFutexFanOut}
          .in_groups_of(1, "fan_out")
          .with_messenger()
          .measuring("wake"),
      WorkType{"TimerLatency", "sleeps until an absolute time, measures how late it wakes", p::kTimerLatency}
          .measuring("timer"),
      WorkType{"Sequence", "a list of actions, again and again", p::kSequence}.in_one_group().measuring("timer"),
  });
}();

constexpr const WorkType* find_work_type(std::string_view name) {
  for (const WorkType& type : kWorkTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

/// A work type with what its parameters were set to.
struct Work {
  const WorkType* type = nullptr;
  Values values;  ///< of type->parameters

  std::uint64_t count(std::string_view name) const {
    return static_cast<std::uint64_t>(number_of(type->parameters, values, name));
  }
  std::string_view text(std::string_view name) const { return text_of(type->parameters, values, name); }
  std::uint32_t workers_per_group(std::uint32_t workers) const { return type->workers_per_group(values, workers); }
};

}  // namespace ktstr::kvm
