// SPDX-License-Identifier: Apache-2.0
//
// The table of assertions: what a test may demand of its result. The manifest's reader, its schema and
// docs/tests.md are made from it; what each one means in numbers is a function of judge/assertions.cpp. A new
// one is a row and a function.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ktstr::kvm {

enum class AssertionKind : std::uint8_t {
  kFlag,    ///< true: it is judged
  kCount,   ///< a limit that is a whole number
  kNumber,  ///< a limit
};

struct Assertion {
  std::string_view name;  ///< with its unit
  AssertionKind kind;
  double min = 0, max = 0;  ///< of the limit
  std::string_view description;
};

inline constexpr double kHugeLimit = 1e15, kLongestLimitMs = 3'600'000, kLongestLimitNs = 3'600'000'000'000;

inline constexpr auto kAssertions = [] {
  using enum AssertionKind;
  return std::to_array<Assertion>({
      {"not_stuck", kFlag, 0, 1, "every worker does some work"},
      {"isolation", kFlag, 0, 1, "workers run on CPUs of their cgroup's cpuset only"},
      {"max_gap_ms", kCount, 1, kLongestLimitMs, "longest time that a worker is kept from running"},
      {"max_spread_pct", kNumber, 0, 100, "largest difference in off-CPU time between a cgroup's workers"},
      {"max_p99_wake_latency_ns", kCount, 1, kLongestLimitNs,
       "99th percentile of a cgroup's wake-up latencies"},
      {"max_wake_latency_cv", kNumber, 0, kHugeLimit,
       "standard deviation over mean of a cgroup's wake-up latencies"},
      {"min_iteration_rate", kNumber, 0, kHugeLimit, "iterations per second of each worker"},
      {"min_work_rate", kNumber, 0, kHugeLimit, "units of work per second of CPU time of each worker"},
      {"max_throughput_cv", kNumber, 0, kHugeLimit,
       "standard deviation over mean of work per second of CPU time, over a cgroup's workers"},
      {"max_migration_ratio", kNumber, 0, kHugeLimit, "migrations per iteration of a cgroup"},
      {"max_run_delay_ms", kNumber, 0, kLongestLimitMs,
       "longest time that a worker waits on run queues in all"},
      {"min_page_locality", kNumber, 0, 1, "share of a worker's pages on the NUMA nodes that it may use"},
      {"max_cross_node_migration_ratio", kNumber, 0, kHugeLimit,
       "pages moved between NUMA nodes over all pages"},
      {"max_weight_error_pct", kNumber, 0, 100,
       "how far the CPU time of sibling cgroups that always want to run is from their weights' shares"},
      {"max_idle_while_waiting_pct", kNumber, 0, 100,
       "work conservation: share of CPU time that stays unused while workers wait on run queues"},
      {"max_imbalance_ratio", kNumber, 1, kHugeLimit,
       "longest run queue over the shortest (at least 1), in as many samples in a row as sustained_samples "
       "says"},
      {"max_local_dsq_depth", kCount, 0, 10'000, "tasks in a CPU's local dispatch queue, likewise"},
      {"fail_on_rq_clock_stuck", kFlag, 0, 1, "no busy CPU's run-queue clock stands still, likewise"},
      {"max_fallback_rate", kNumber, 0, kHugeLimit,
       "times per second that sched_ext chose a CPU because the scheduler did not, likewise"},
      {"max_keep_last_rate", kNumber, 0, kHugeLimit,
       "dispatches per second that kept the last task for want of another, likewise"},
      {"sustained_samples", kCount, 1, 100'000,
       "samples in a row that make one of the above fail; 5 when nothing is said"},
  });
}();

/// Limits by row; what is not set is not judged.
using Limits = std::array<std::optional<double>, kAssertions.size()>;

constexpr std::size_t assertion_row(std::string_view name) {
  for (std::size_t i = 0; i < kAssertions.size(); ++i) {
    if (kAssertions[i].name == name) return i;
  }
  return kAssertions.size();
}

}  // namespace ktstr::kvm
