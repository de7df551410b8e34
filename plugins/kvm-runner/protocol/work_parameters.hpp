// SPDX-License-Identifier: Apache-2.0
//
// The parameters of the work types.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "protocol/work_type.hpp"

namespace ktstr::kvm {

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
/// Of a group that has two kinds of workers.
constexpr Parameter half_of_members(std::string_view name, std::string_view what, std::int64_t by_default) {
  return {name, kCount, what, by_default, 1, kLargestGroup / 2};
}
constexpr Parameter flag(std::string_view name, std::string_view what, bool by_default) {
  return {name, kFlag, what, by_default ? 1 : 0};
}
inline constexpr Parameter kStride = {"stride", kCount, "bytes from one access to the next", 64, 1, 4096};
inline constexpr Parameter kWidth = {
    "width",
    kChoice,
    "data path: as wide as the CPU has, or one; what the CPU lacks is replaced by the next narrower",
    0,
    0,
    0,
    "widest|scalar|sse|avx2|avx512"};
constexpr Parameter region_kib(std::string_view what, std::int64_t by_default) {
  return {"region_kib", kCount, what, by_default, 4, 1 << 20};
}
inline constexpr Parameter kOperations = {"operations", kCount, "matrix multiplications of a request", 5, 1,
                                          100'000};
inline constexpr Parameter kMatrices = {"cache_kib", kCount, "size of the three matrices of a worker",
                                        256,         1,      1 << 16};
inline constexpr Parameter kThink =
    microseconds("sleep_us", "think time before the work of a request", 100, 0);

inline constexpr std::array kSpinWait = {units(1024)};
inline constexpr std::array kYieldHeavy = {units(64)};
inline constexpr std::array kMixed = {units(8192)};
inline constexpr std::array kIoSyncWrite = {
    Parameter{"bytes", kCount, "written before each fdatasync, in blocks of 4 KiB", 65'536, 4096, 16 << 20},
    microseconds("sleep_us", "pause after each write", 100, 0)};
inline constexpr std::array kIoRandRead = {
    Parameter{"file_mib", kCount, "size of the file that is read", 8, 1, 1024}};
inline constexpr std::array kIoConvoy = {
    Parameter{"file_mib", kCount, "size of the file that is written and read", 8, 1, 1024},
    Parameter{"flush_every", kCount, "iterations from one fdatasync to the next", 16, 1, 65'536}};
inline constexpr std::array kBursty = {microseconds("busy_us", "time of work", 50'000),
                                       microseconds("sleep_us", "time asleep", 100'000)};
inline constexpr std::array kBurst1024 = {units(1024)};
inline constexpr std::array kCachePressure = {cache_kib(32), kStride};
inline constexpr std::array kCachePipe = {cache_kib(32), units(1024)};
inline constexpr std::array kFutexFanOut = {members("fan_out", "receivers of a messenger", 4), units(1024)};
inline constexpr std::array kFanOutCompute = {members("fan_out", "receivers of a messenger", 4), kMatrices,
                                              kOperations, kThink};
inline constexpr std::array kPageFaultChurn = {
    region_kib("size of the mapped region", 4096),
    Parameter{"touches", kCount, "random pages touched in a round", 256, 1, 1 << 20}, units(64)};
inline constexpr std::array kMutexContention = {
    Parameter{"contenders", kCount, "workers that want one lock", 4, 2, kLargestGroup},
    Parameter{"hold_units", kCount, "work while the lock is held", 256, 1, kMostUnits}, units(1024)};
inline constexpr std::array kSequence = {
    Parameter{"actions", kActions, "what is done, in this order, again and again", 0, 1, 64, {}, false}};
inline constexpr std::array kAluHot = {kWidth};
inline constexpr std::array kIpcVariance = {
    Parameter{"hot_units", kCount, "arithmetic of a period", 4096, 1, kMostUnits},
    Parameter{"cold_accesses", kCount, "cache misses of a period", 512, 1, kMostUnits}, cache_kib(8192)};
inline constexpr std::array kIdleChurn = {microseconds("busy_us", "time of work", 200),
                                          microseconds("sleep_us", "time asleep", 200),
                                          flag("precise", "a timer slack of 1 ns instead of 50 us", false)};
inline constexpr std::array kWakeChain = {
    Parameter{"depth", kCount, "workers of a chain", 4, 2, kLargestGroup},
    Parameter{"wake", kChoice, "how one wakes the next", 0, 0, 0, "pipe|futex"}, units(1024)};
inline constexpr std::array kAsymmetricWaker = {
    Parameter{"waker", kChoice, "policy of the one who wakes", 0, 0, 0, "fifo|rr|normal|batch|idle"},
    Parameter{"wakee", kChoice, "policy of the one who is woken", 0, 0, 0, "normal|batch|idle|fifo|rr"},
    units(1024)};
inline constexpr std::array kEpollStorm = {
    half_of_members("producers", "workers that write to the eventfd", 2),
    half_of_members("consumers", "workers that wait in epoll", 2),
    Parameter{"events", kCount, "events of a burst", 8, 1, 1024},
    microseconds("sleep_us", "pause of a producer after a burst", 100), units(256)};
inline constexpr std::array kThunderingHerd = {
    members("waiters", "workers that one wake-up releases at once", 7),
    microseconds("interval_us", "from one wake-up to the next", 1000), units(1024)};
inline constexpr std::array kTimerLatency = {
    microseconds("interval_us", "from one wake-up to the next", 1000, 50), units(64)};
inline constexpr std::array kNetTraffic = {
    Parameter{"bytes", kCount, "of a message over loopback UDP", 1024, 16, 8192},
    Parameter{"burst", kCount, "messages sent before an answer is awaited", 4, 1, 16}, units(256)};
inline constexpr std::array kIrqWake = {
    microseconds("interval_us", "period of the timer interrupt that wakes", 500, 50), units(256)};
inline constexpr std::array kNumaMigrationChurn = {region_kib("size of the memory that it works on", 1024),
                                                   microseconds("stay_us", "time on a node", 10'000)};
inline constexpr std::array kNumaWorkingSetSweep = {
    region_kib("size of the working set", 1024), kStride,
    microseconds("stay_us", "time that the working set has on a node", 10'000)};
inline constexpr std::array kCgroupChurn = {microseconds("stay_us", "time in a cgroup", 1000)};
inline constexpr std::array kCgroupAttachStorm = {
    Parameter{"children", kCount, "tasks forked and attached in a storm", 8, 1, 256},
    microseconds("sleep_us", "pause between two storms", 1000, 0)};
inline constexpr std::array kPriorityInversion = {
    Parameter{"lock", kChoice, "futex with priority inheritance, or without", 0, 0, 0, "plain|pi"},
    Parameter{"hold_units", kCount, "work of the lowest while it holds the lock", 65'536, 1, kMostUnits},
    microseconds("sleep_us", "pause of the highest and of the one between", 1000)};
inline constexpr std::array kSignalStorm = {
    Parameter{"signals", kCount, "real-time signals of a burst", 16, 1, 1024}, units(256)};
inline constexpr std::array kPreemptStorm = {
    Parameter{"rt_burst_units", kCount, "work of the real-time worker when it wakes", 256, 1, kMostUnits},
    microseconds("sleep_us", "its pause", 100)};
inline constexpr std::array kRtStarvation = {
    Parameter{"priority", kCount, "SCHED_FIFO priority of the first worker of a pair", 20, 1, 40},
    microseconds("busy_us", "its work", 20'000), microseconds("sleep_us", "its pause", 5000)};
inline constexpr std::array kProducerConsumer = {
    half_of_members("producers", "workers that fill the queue", 3),
    half_of_members("consumers", "workers that empty it", 1),
    Parameter{"depth", kCount, "items that the queue holds", 16, 1, 4096},
    Parameter{"produce_units", kCount, "work for an item", 256, 1, kMostUnits},
    Parameter{"consume_units", kCount, "work on an item", 1024, 1, kMostUnits}};
inline constexpr std::array kSchbench = {
    members("fan_out", "workers of a message thread", 4),
    kMatrices,
    kOperations,
    kThink,
    flag("locking", "workers spin for the CPU's lock before the work of a request", true),
    Parameter{
        "rate_hz", kCount,
        "requests that a message thread hands out at the begin of each second; 0: as soon as a worker waits",
        0, 0, 1'000'000},
    Parameter{"pipe_bytes", kCount, "message that both sides write in place of all work, at no rate; 0: none",
              0, 0, 1 << 16}};
inline constexpr std::array kTaobench = {
    Parameter{"items", kCount, "objects that the cache holds", 4096, 16, 65'536},
    Parameter{"hit_pct", kCount, "share of requests that the cache answers", 90, 1, 100},
    Parameter{"value_bytes", kCount, "size of an object", 512, 8, 4096},
    half_of_members("clients", "workers that ask", 2),
    half_of_members("slow_workers", "workers that fetch what the cache does not have", 2),
    microseconds("miss_us", "time that fetching takes", 100, 0),
    Parameter{"rate_hz", kCount, "requests per second of a client; 0: one when the last one has its answer",
              0, 0, 1'000'000}};

}  // namespace parameters

}  // namespace ktstr::kvm
