// SPDX-License-Identifier: Apache-2.0
#include "metrics/cgroup_metrics.hpp"

#include <algorithm>

namespace ktstr {

const std::array<CgroupMetric, kCgroupMetrics>& cgroup_metrics() {
  using enum Happening;
  static constexpr std::array<CgroupMetric, kCgroupMetrics> kRows = {{
      {"spread", "worst_spread", "spread", kAlways,
       "largest difference in off-CPU time between the cgroup's workers"},
      {"max_gap_ms", "worst_gap_ms", "max_gap_ms", kAlways,
       "longest time that one of its workers was not running although it wanted to"},
      {"migration_ratio", "worst_migration_ratio", "migration_ratio", kAlways, "migrations per iteration"},
      {"p99_wake_latency_us", "worst_p99_wake_latency_us", "p99_wake_latency_us", kWakeups,
       "99th percentile of wake-up latency"},
      {"median_wake_latency_us", "worst_median_wake_latency_us", "median_wake_latency_us", kWakeups,
       "median wake-up latency"},
      {"wake_latency_cv", "worst_wake_latency_cv", "wake_latency_cv", kWakeups,
       "standard deviation over mean of wake-up latency"},
      {"wake_latency_tail_ratio", "worst_wake_latency_tail_ratio", "wake_latency_tail_ratio", kWakeups,
       "99th percentile over median of wake-up latency; needs 100 iterations"},
      {"mean_run_delay_us", "worst_mean_run_delay_us", "mean_run_delay_us", kAlways,
       "mean time that its workers waited on a run queue"},
      {"worst_run_delay_us", "worst_run_delay_us", "worst_run_delay_us", kAlways,
       "longest time that one of its workers waited on run queues in all"},
      {"iterations_per_worker", "worst_iterations_per_worker", "iterations_per_worker", kIterations,
       "work loops per worker"},
      {"page_locality", "worst_page_locality", "page_locality", kAlways,
       "share of pages on the expected NUMA nodes"},
      {"cross_node_migration_ratio", "worst_cross_node_migration_ratio", "cross_node_migration_ratio",
       kAlways, "pages moved between NUMA nodes over all pages"},
      {"p99_timer_latency_us", "worst_p99_timer_latency_us", "ext_metrics.worst_p99_timer_latency_us",
       kTimers, "99th percentile of timer lateness"},
      {"median_timer_latency_us", "worst_median_timer_latency_us",
       "ext_metrics.worst_median_timer_latency_us", kTimers, "median timer lateness"},
      {"p999_timer_latency_us", "worst_p999_timer_latency_us", "ext_metrics.worst_p999_timer_latency_us",
       kTimers, "99.9th percentile of timer lateness"},
      {"worst_timer_latency_us", "worst_timer_latency_us", "ext_metrics.worst_timer_latency_us", kTimers,
       "worst timer lateness"},
      {"iterations_per_cpu_sec", "worst_iterations_per_cpu_sec", "total_iterations / total_cpu_time_ns",
       kIterations, "work loops per second of CPU time"},
  }};
  return kRows;
}

std::size_t cgroup_metric_index(std::string_view name) {
  const auto& rows = cgroup_metrics();
  return static_cast<std::size_t>(
      std::find_if(rows.begin(), rows.end(), [&](const CgroupMetric& row) { return row.name == name; }) -
      rows.begin());
}

std::size_t leading_metric(Happening happening) {
  static const std::size_t kIterations = cgroup_metric_index("iterations_per_worker"),
                           kWakeups = cgroup_metric_index("p99_wake_latency_us"),
                           kTimers = cgroup_metric_index("p99_timer_latency_us");
  return happening == Happening::kIterations ? kIterations
         : happening == Happening::kWakeups  ? kWakeups
                                             : kTimers;
}

std::string_view happening_name(Happening happening) {
  switch (happening) {
    case Happening::kAlways: return "";
    case Happening::kIterations: return "iteration";
    case Happening::kWakeups: return "wake-up";
    case Happening::kTimers: return "timer";
  }
  return "";
}

MetricPath metric_path(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? MetricPath{{}, name}
                                         : MetricPath{name.substr(0, slash), name.substr(slash + 1)};
}

std::string path_of(std::string_view cgroup, std::string_view metric) {
  return std::string(cgroup) + "/" + std::string(metric);
}

}  // namespace ktstr
