// SPDX-License-Identifier: Apache-2.0
#include "judge/stats.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <optional>
#include <set>

#include "judge/counter_metrics.hpp"
#include "judge/histograms.hpp"

namespace ktstr::kvm {
namespace {

double microseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1000.0; }

/// A quotient that is 0 where there is nothing to divide by.
double ratio(double numerator, double denominator) { return denominator > 0 ? numerator / denominator : 0.0; }

void add_off_cpu(const std::vector<WorkerReport>& workers, CgroupStats& stats) {
  double sum = 0, lowest = 0, highest = 0;
  std::uint64_t counted = 0;
  for (const WorkerReport& worker : workers) {
    if (worker.wall_time_ns == 0) continue;
    const double pct =
        static_cast<double>(worker.off_cpu_ns) / static_cast<double>(worker.wall_time_ns) * 100.0;
    lowest = counted == 0 ? pct : std::min(lowest, pct);
    highest = counted == 0 ? pct : std::max(highest, pct);
    sum += pct;
    ++counted;
  }
  stats.avg_off_cpu_pct = ratio(sum, static_cast<double>(counted));
  stats.min_off_cpu_pct = lowest;
  stats.max_off_cpu_pct = highest;
  stats.spread = highest - lowest;
  KTSTR_ASSERT(stats.spread >= 0 && counted <= workers.size());
}

void add_gap(const std::vector<WorkerReport>& workers, CgroupStats& stats) {
  const auto longest = std::max_element(
      workers.begin(), workers.end(),
      [](const WorkerReport& a, const WorkerReport& b) { return a.max_gap_ns < b.max_gap_ns; });
  if (longest == workers.end()) return;
  stats.max_gap_ms = longest->max_gap_ns / kNsPerMs;
  stats.max_gap_cpu = longest->max_gap_cpu;
}

void add_wake_latencies(const std::vector<WorkerReport>& workers, CgroupStats& stats) {
  const std::vector<std::uint64_t> latencies = pooled_samples(workers, "wake");
  stats.wake_latency_samples = latencies.size();
  stats.p99_wake_latency_us = microseconds(nearest_rank(latencies, 990));
  stats.median_wake_latency_us = microseconds(upper_median(latencies));
  stats.wake_latency_cv = population_cv(latencies);
  stats.wake_latency_tail_ratio = ratio(stats.p99_wake_latency_us, stats.median_wake_latency_us);
  KTSTR_ASSERT(stats.p99_wake_latency_us >= stats.median_wake_latency_us);
}

void add_timer_latencies(const std::vector<WorkerReport>& workers, CgroupStats& stats) {
  const std::vector<std::uint64_t> latencies = pooled_samples(workers, "timer");
  stats.timer_latency_samples = latencies.size();
  if (latencies.empty()) return;
  stats.ext_metrics["worst_p99_timer_latency_us"] = microseconds(nearest_rank(latencies, 990));
  stats.ext_metrics["worst_median_timer_latency_us"] = microseconds(upper_median(latencies));
  stats.ext_metrics["worst_p999_timer_latency_us"] = microseconds(nearest_rank(latencies, 999));
  stats.ext_metrics["worst_timer_latency_us"] = microseconds(latencies.back());
}

/// The distributions of a cgroup's workers over the whole scenario.
std::map<std::string, Buckets> histograms_of(const ScenarioReport& scenario, std::size_t cgroup) {
  std::map<std::string, Buckets> histograms;
  KTSTR_ASSERT(cgroup < scenario.cgroups.size() && !scenario.marks.empty());
  const std::vector<SetProgress>& sets = scenario.marks.back().sets;
  std::set<std::size_t> counted;
  for (const WorkerReport& worker : scenario.cgroups[cgroup].workers) {
    if (worker.type == nullptr || worker.set >= sets.size() || !counted.insert(worker.set).second) continue;
    for (std::size_t d = 0; d < worker.type->samples.size(); ++d) {
      const Buckets& buckets = sets[worker.set].samples[d];
      if (!buckets.empty()) add_buckets(histograms[std::string(worker.type->samples[d])], buckets);
    }
  }
  return histograms;
}

void add_locality(const std::vector<WorkerReport>& workers, CgroupStats& stats) {
  double pages = 0, local = 0;
  for (const WorkerReport& worker : workers)
    pages += static_cast<double>(worker.numa_pages), local += static_cast<double>(worker.numa_pages_local);
  stats.numa_pages = pages;
  stats.page_locality = ratio(local, pages);
}

/// 0 means "not measured", so it never wins.
void keep_lowest_positive(double& lowest, double value) {
  if (value > 0 && (lowest <= 0 || value < lowest)) lowest = value;
}

}  // namespace

std::uint64_t nearest_rank(const std::vector<std::uint64_t>& sorted, std::uint64_t thousandths) {
  if (sorted.empty()) return 0;
  KTSTR_ASSERT(thousandths <= 1000 && std::is_sorted(sorted.begin(), sorted.end()));
  const std::uint64_t rank = (sorted.size() * thousandths + 999) / 1000;
  return sorted[std::clamp<std::uint64_t>(rank, 1, sorted.size()) - 1];
}

std::uint64_t upper_median(const std::vector<std::uint64_t>& sorted) {
  KTSTR_ASSERT(std::is_sorted(sorted.begin(), sorted.end()));
  return sorted.empty() ? 0 : sorted[sorted.size() / 2];
}

double population_cv(const std::vector<std::uint64_t>& samples) {
  if (samples.empty()) return 0;
  double sum = 0;
  for (const std::uint64_t sample : samples) sum += static_cast<double>(sample);
  const double mean = sum / static_cast<double>(samples.size());
  if (mean <= 0) return 0;
  double squares = 0;
  for (const std::uint64_t sample : samples)
    squares += (static_cast<double>(sample) - mean) * (static_cast<double>(sample) - mean);
  return std::sqrt(squares / static_cast<double>(samples.size())) / mean;
}

std::vector<std::uint64_t> pooled_samples(const std::vector<WorkerReport>& workers,
                                          std::string_view distribution) {
  std::vector<std::uint64_t> all;
  for (const WorkerReport& worker : workers) {
    if (const std::vector<std::uint64_t>* samples = worker.find_samples(distribution))
      all.insert(all.end(), samples->begin(), samples->end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

CgroupStats cgroup_stats(const std::vector<WorkerReport>& workers) {
  CgroupStats stats;
  stats.num_workers = workers.size();
  std::set<std::uint32_t> cpus;
  std::uint64_t run_delay = 0, worst_run_delay = 0;
  for (const WorkerReport& worker : workers) {
    cpus.insert(worker.cpus_used.begin(), worker.cpus_used.end());
    stats.total_migrations += worker.migrations;
    stats.total_iterations += worker.iterations;
    stats.workers_without_iterations += worker.iterations == 0 ? 1 : 0;
    stats.total_cpu_time_ns += worker.cpu_time_ns;
    run_delay += worker.run_delay_ns;
    worst_run_delay = std::max(worst_run_delay, worker.run_delay_ns);
  }
  KTSTR_ASSERT(stats.workers_without_iterations <= stats.num_workers);
  stats.num_cpus = cpus.size();
  add_off_cpu(workers, stats);
  add_gap(workers, stats);
  stats.migration_ratio =
      ratio(static_cast<double>(stats.total_migrations), static_cast<double>(stats.total_iterations));
  add_wake_latencies(workers, stats);
  stats.mean_run_delay_us = ratio(microseconds(run_delay), static_cast<double>(stats.num_workers));
  stats.worst_run_delay_us = microseconds(worst_run_delay);
  stats.iterations_per_worker =
      ratio(static_cast<double>(stats.total_iterations), static_cast<double>(stats.num_workers));
  add_timer_latencies(workers, stats);
  add_locality(workers, stats);
  return stats;
}

ScenarioStats scenario_stats(const std::vector<CgroupReport>& cgroups, double seconds) {
  ScenarioStats all;
  std::uint64_t cpu_time_ns = 0;
  // A cgroup that completed nothing is the slowest one, not one that was not measured.
  std::optional<double> lowest_per_worker, lowest_per_cpu_second;
  const auto keep_lowest = [](std::optional<double>& lowest, double value) {
    lowest = lowest ? std::min(*lowest, value) : value;
  };
  for (const CgroupReport& report : cgroups) {
    CgroupStats one = cgroup_stats(report.workers);
    one.name = report.name;
    all.total_workers += one.num_workers;
    all.total_cpus += one.num_cpus;
    all.total_migrations += one.total_migrations;
    all.total_iterations += one.total_iterations;
    all.workers_without_iterations += one.workers_without_iterations;
    all.wake_latency_samples += one.wake_latency_samples;
    all.timer_latency_samples += one.timer_latency_samples;
    cpu_time_ns += one.total_cpu_time_ns;
    if (all.cgroups.empty() || one.max_gap_ms > all.worst_gap_ms)
      all.worst_gap_ms = one.max_gap_ms, all.worst_gap_cpu = one.max_gap_cpu;
    const auto worst = [](double& into, double value) { into = std::max(into, value); };
    worst(all.worst_spread, one.spread);
    worst(all.worst_migration_ratio, one.migration_ratio);
    worst(all.worst_p99_wake_latency_us, one.p99_wake_latency_us);
    worst(all.worst_median_wake_latency_us, one.median_wake_latency_us);
    worst(all.worst_wake_latency_cv, one.wake_latency_cv);
    worst(all.worst_mean_run_delay_us, one.mean_run_delay_us);
    worst(all.worst_run_delay_us, one.worst_run_delay_us);
    worst(all.worst_cross_node_migration_ratio, one.cross_node_migration_ratio);
    worst(all.worst_wake_latency_tail_ratio, one.wake_latency_tail_ratio);
    keep_lowest_positive(all.worst_page_locality, one.page_locality);
    if (one.num_workers > 0) {
      keep_lowest(lowest_per_worker, one.iterations_per_worker);
      keep_lowest(lowest_per_cpu_second, ratio(static_cast<double>(one.total_iterations),
                                               static_cast<double>(one.total_cpu_time_ns) / 1e9));
    }
    for (const auto& [name, value] :
         one.ext_metrics) {  // all of a cgroup's own are latencies: the highest is the worst
      const auto [entry, added] = all.ext_metrics.try_emplace(name, value);
      if (!added) entry->second = std::max(entry->second, value);
    }
    all.cgroups.push_back(std::move(one));
  }
  KTSTR_ASSERT(all.cgroups.size() == cgroups.size());
  all.worst_iterations_per_worker = lowest_per_worker.value_or(0);
  const double cpu_seconds = static_cast<double>(cpu_time_ns) / 1e9;
  const double iterations = static_cast<double>(all.total_iterations);
  if (seconds > 0) {
    all.ext_metrics["iteration_rate"] = iterations / seconds;
    all.ext_metrics["total_phase_iterations"] = iterations;
    all.ext_metrics["total_phase_duration_sec"] = seconds;
  }
  if (!cgroups.empty()) all.ext_metrics["total_cpu_time_sec"] = cpu_seconds;
  if (cpu_seconds > 0) {
    all.ext_metrics["iterations_per_cpu_sec"] = iterations / cpu_seconds;
    all.ext_metrics["worst_iterations_per_cpu_sec"] = lowest_per_cpu_second.value_or(0);
  }
  return all;
}

std::optional<double> pages_moved(const ScenarioReport& scenario) {
  if (scenario.marks.size() < 2) return std::nullopt;
  const std::size_t row = counter_row("numa_pages_migrated");
  const auto &before = scenario.marks.front().counters.totals.at(row),
             &after = scenario.marks.back().counters.totals.at(row);
  if (!before || !after || *after < *before) return std::nullopt;
  return static_cast<double>(*after - *before);
}

ScenarioStats scenario_stats(const ScenarioReport& scenario) {
  ScenarioStats all = scenario_stats(scenario.cgroups, scenario.seconds());
  double user = 0, system = 0;
  for (const CgroupReport& cgroup : scenario.cgroups) {
    for (const WorkerReport& worker : cgroup.workers)
      user += static_cast<double>(worker.user_time_ns), system += static_cast<double>(worker.system_time_ns);
  }
  if (!scenario.cgroups.empty()) {
    all.ext_metrics["user_time_ns"] = user;
    all.ext_metrics["system_time_ns"] = system;
    all.ext_metrics["total_iterations_pooled"] = static_cast<double>(all.total_iterations);
  }
  if (scenario.marks.size() >= 2) {
    add_counter_metrics(scenario.marks.front(), scenario.marks.back(), all.ext_metrics);
    const std::optional<double> moved = pages_moved(scenario);
    for (std::size_t c = 0; c < scenario.cgroups.size(); ++c) {
      all.cgroups[c].histograms = histograms_of(scenario, c);
      all.cgroups[c].cross_node_migration_ratio = ratio(moved.value_or(0), all.cgroups[c].numa_pages);
      all.worst_cross_node_migration_ratio =
          std::max(all.worst_cross_node_migration_ratio, all.cgroups[c].cross_node_migration_ratio);
    }
  }
  return all;
}

}  // namespace ktstr::kvm
