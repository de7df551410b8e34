// SPDX-License-Identifier: Apache-2.0
//
// From worker reports to the numbers of a sidecar. Pure functions; the definitions are those of the sidecar
// format, so that numbers compare with those of other writers of it.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "result/agent_result.hpp"

namespace ktstr::kvm {

struct CgroupStats {
  std::string name;
  std::uint64_t num_workers = 0, num_cpus = 0;
  double avg_off_cpu_pct = 0, min_off_cpu_pct = 0, max_off_cpu_pct = 0;
  double spread = 0;  ///< percentage points between the most and the least starved worker
  std::uint64_t max_gap_ms = 0, max_gap_cpu = 0;
  std::uint64_t total_migrations = 0;
  double migration_ratio = 0;
  double p99_wake_latency_us = 0, median_wake_latency_us = 0, wake_latency_cv = 0;
  std::uint64_t total_iterations = 0;
  double mean_run_delay_us = 0, worst_run_delay_us = 0;
  double page_locality = 0, cross_node_migration_ratio = 0;  ///< 0: not measured
  double wake_latency_tail_ratio = 0;
  double iterations_per_worker = 0;
  std::uint64_t total_cpu_time_ns = 0;
  std::uint64_t workers_without_iterations = 0;
  std::uint64_t wake_latency_samples = 0,
                timer_latency_samples = 0;  ///< behind the figures; 0: there are none
  double numa_pages = 0;                    ///< of its workers' private memory; 0 where there is one node
  std::map<std::string, double> ext_metrics;
  std::map<std::string, Buckets> histograms;  ///< of whole distributions, by name (protocol/histogram.hpp)
};

struct ScenarioStats {
  std::vector<CgroupStats> cgroups;
  std::uint64_t total_workers = 0, total_cpus = 0, total_migrations = 0;
  double worst_spread = 0;
  std::uint64_t worst_gap_ms = 0, worst_gap_cpu = 0;
  double worst_migration_ratio = 0;
  double worst_p99_wake_latency_us = 0, worst_median_wake_latency_us = 0, worst_wake_latency_cv = 0;
  std::uint64_t total_iterations = 0;
  double worst_mean_run_delay_us = 0, worst_run_delay_us = 0;
  double worst_page_locality = 0, worst_cross_node_migration_ratio = 0;
  double worst_wake_latency_tail_ratio = 0;
  double worst_iterations_per_worker = 0;  ///< the lowest; 0 when a cgroup completed nothing
  std::uint64_t workers_without_iterations = 0, wake_latency_samples = 0, timer_latency_samples = 0;
  std::map<std::string, double> ext_metrics;
};

/// The value that `share` (0 < share <= 1) of the sorted samples do not exceed: sorted[ceil(n * share) - 1];
/// 0 without samples. The share is given in thousandths so that the index is exact.
std::uint64_t nearest_rank(const std::vector<std::uint64_t>& sorted, std::uint64_t thousandths);

/// The upper of the two middle samples when their number is even; 0 without samples.
std::uint64_t upper_median(const std::vector<std::uint64_t>& sorted);

/// Population standard deviation over mean; 0 when the mean is 0 or there are no samples.
double population_cv(const std::vector<std::uint64_t>& samples);

/// A distribution's samples of all workers that measure it, sorted.
std::vector<std::uint64_t> pooled_samples(const std::vector<WorkerReport>& workers,
                                          std::string_view distribution);

CgroupStats cgroup_stats(const std::vector<WorkerReport>& workers);

/// All cgroups of one scenario that lasted `seconds`.
ScenarioStats scenario_stats(const std::vector<CgroupReport>& cgroups, double seconds);
/// Pages that the kernel moved between NUMA nodes; nothing where it does not count them.
std::optional<double> pages_moved(const ScenarioReport& scenario);
/// The same, with what the guest's kernel counted.
ScenarioStats scenario_stats(const ScenarioReport& scenario);

}  // namespace ktstr::kvm
