// SPDX-License-Identifier: Apache-2.0
#include "core/metric_registry.hpp"

#include <array>

namespace ktstr {
namespace {

constexpr std::uint32_t L = KTSTR_LOWER_IS_BETTER, H = KTSTR_HIGHER_IS_BETTER, I = KTSTR_INFORMATIONAL;
constexpr std::uint32_t ratio = KTSTR_CLASS_RATIO, count = KTSTR_CLASS_COUNT, extreme = KTSTR_CLASS_EXTREME;
constexpr Fold mean = Fold::kMean, peak = Fold::kMax;

// The gates of counts are near-idle guards (2); latencies and ratios keep a floor below which nobody cares.
constexpr std::array kMetrics = {
    Metric{"worst_spread", L, ratio, 5, 0.25, "%", mean, "stats.worst_spread", false, "largest difference in off-CPU time between workers of one cgroup"},
    Metric{"worst_gap_ms", L, extreme, 500, 0.50, "ms", mean, "stats.worst_gap_ms", false, "longest time a worker that wanted to run did not"},
    Metric{"total_migrations", L, count, 2, 0.30, "", mean, "stats.total_migrations", false, "moves of workers between CPUs"},
    Metric{"worst_migration_ratio", L, ratio, 0.05, 0.20, "", mean, "stats.worst_migration_ratio", false, "migrations per iteration, worst cgroup"},
    Metric{"max_imbalance_ratio", L, extreme, 1.0, 0.25, "x", peak, "monitor.max_imbalance_ratio", false, "longest over shortest run queue"},
    Metric{"avg_imbalance_ratio", L, ratio, 0.5, 0.25, "x", mean, "monitor.avg_imbalance_ratio", false, "mean of the run-queue imbalance"},
    Metric{"max_dsq_depth", L, extreme, 10, 0.50, "", peak, "monitor.max_local_dsq_depth", false, "deepest local dispatch queue"},
    Metric{"avg_dsq_depth", L, ratio, 5, 0.50, "", mean, "monitor.avg_local_dsq_depth", false, "mean depth of local dispatch queues"},
    Metric{"stuck_count", L, count, 1, 0.50, "", mean, "monitor.stuck_count", false, "CPUs whose run-queue clock stood still"},
    Metric{"total_fallback", L, count, 5, 0.30, "", mean, "monitor.event_deltas.total_fallback", false, "select_cpu fallbacks"},
    Metric{"total_keep_last", L, count, 5, 0.30, "", mean, "monitor.event_deltas.total_dispatch_keep_last", false, "dispatches that kept the last task"},
    Metric{"worst_p99_wake_latency_us", L, ratio, 50, 0.25, "us", mean, "stats.worst_p99_wake_latency_us", false, "99th percentile of wake-up latency, worst cgroup"},
    Metric{"worst_median_wake_latency_us", L, ratio, 20, 0.25, "us", mean, "stats.worst_median_wake_latency_us", false, "median wake-up latency, worst cgroup"},
    Metric{"worst_wake_latency_cv", L, ratio, 0.10, 0.25, "", mean, "stats.worst_wake_latency_cv", false, "variation of wake-up latency, worst cgroup"},
    Metric{"worst_wake_latency_tail_ratio", L, ratio, 0.5, 0.25, "x", mean, "stats.worst_wake_latency_tail_ratio", true, "99th percentile over median of wake-up latency"},
    Metric{"total_iterations", H, count, 2, 0.10, "", mean, "stats.total_iterations", false, "work loops completed by all workers"},
    Metric{"worst_mean_run_delay_us", L, ratio, 50, 0.25, "us", mean, "stats.worst_mean_run_delay_us", false, "mean time workers waited on a run queue, worst cgroup"},
    Metric{"worst_run_delay_us", L, extreme, 100, 0.50, "us", mean, "stats.worst_run_delay_us", false, "longest time one worker waited on run queues in all"},
    Metric{"worst_iterations_per_worker", H, ratio, 10, 0.10, "", mean, "stats.worst_iterations_per_worker", true, "work loops per worker, slowest cgroup"},
    Metric{"worst_page_locality", H, ratio, 0.05, 0.10, "", mean, "stats.worst_page_locality", true, "share of pages on the expected NUMA nodes, worst cgroup"},
    Metric{"worst_cross_node_migration_ratio", L, ratio, 0.05, 0.20, "", mean, "stats.worst_cross_node_migration_ratio", false, "pages moved between NUMA nodes over all pages"},
    Metric{"worst_p99_timer_latency_us", L, ratio, 50, 0.25, "us", mean, "stats.ext_metrics.worst_p99_timer_latency_us", false, "99th percentile of timer lateness"},
    Metric{"worst_median_timer_latency_us", L, ratio, 20, 0.25, "us", mean, "stats.ext_metrics.worst_median_timer_latency_us", false, "median timer lateness"},
    Metric{"worst_p999_timer_latency_us", L, extreme, 100, 0.25, "us", mean, "stats.ext_metrics.worst_p999_timer_latency_us", false, "99.9th percentile of timer lateness"},
    Metric{"worst_timer_latency_us", L, extreme, 200, 0.25, "us", peak, "stats.ext_metrics.worst_timer_latency_us", false, "worst timer lateness"},
    Metric{"iteration_rate", H, ratio, 1, 0.30, "iter/s", mean, "stats.ext_metrics.iteration_rate", false, "work loops per second of scenario"},
    Metric{"total_cpu_time_sec", H, ratio, 1, 0.30, "s", mean, "stats.ext_metrics.total_cpu_time_sec", false, "CPU time that the workers got"},
    Metric{"iterations_per_cpu_sec", H, ratio, 10, 0.10, "iter/cpu-s", mean, "stats.ext_metrics.iterations_per_cpu_sec", false, "work loops per second of CPU time"},
    Metric{"total_run_delay", I, ratio, 1e6, 0.10, "ns", mean, "monitor.schedstat_deltas.total_run_delay", false, "time all tasks waited on run queues"},
};

}  // namespace

std::span<const Metric> metric_registry() { return kMetrics; }

const Metric* find_metric(std::string_view name) {
  for (const Metric& metric : kMetrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const Metric& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

std::string_view polarity_name(std::uint32_t polarity) {
  return polarity == H ? "higher" : polarity == I ? "informational" : "lower";
}

}  // namespace ktstr
