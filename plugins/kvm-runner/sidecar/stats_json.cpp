// SPDX-License-Identifier: Apache-2.0
#include "sidecar/stats_json.hpp"

#include <cmath>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace {

void write_ext_metrics(JsonWriter& json, const std::map<std::string, double>& metrics) {
  bool any = false;
  for (const auto& [name, value] : metrics) {
    if (!std::isfinite(value)) continue;
    if (!any) json.key("ext_metrics").begin_object();
    any = true;
    json.member(name, value);
  }
  if (any) json.end_object();
}

void write_histograms(JsonWriter& json, const std::map<std::string, Buckets>& histograms) {
  if (histograms.empty()) return;
  json.key("histograms").begin_object();
  for (const auto& [name, buckets] : histograms) {
    json.key(name).begin_array();
    for (const auto& [bucket, count] : buckets) json.begin_array().value(bucket).value(count).end_array();
    json.end_array();
  }
  json.end_object();
}

void write_cgroup_stats(JsonWriter& json, const CgroupStats& s) {
  json.begin_object()
      .member("name", s.name)
      .member("num_workers", s.num_workers)
      .member("num_cpus", s.num_cpus);
  json.member("avg_off_cpu_pct", s.avg_off_cpu_pct)
      .member("min_off_cpu_pct", s.min_off_cpu_pct)
      .member("max_off_cpu_pct", s.max_off_cpu_pct);
  json.member("spread", s.spread).member("max_gap_ms", s.max_gap_ms).member("max_gap_cpu", s.max_gap_cpu);
  json.member("total_migrations", s.total_migrations).member("migration_ratio", s.migration_ratio);
  json.member("p99_wake_latency_us", s.p99_wake_latency_us)
      .member("median_wake_latency_us", s.median_wake_latency_us);
  json.member("wake_latency_cv", s.wake_latency_cv).member("total_iterations", s.total_iterations);
  json.member("mean_run_delay_us", s.mean_run_delay_us).member("worst_run_delay_us", s.worst_run_delay_us);
  json.member("page_locality", s.page_locality)
      .member("cross_node_migration_ratio", s.cross_node_migration_ratio);
  json.member("wake_latency_tail_ratio", s.wake_latency_tail_ratio)
      .member("iterations_per_worker", s.iterations_per_worker);
  json.member("total_cpu_time_ns", s.total_cpu_time_ns)
      .member("workers_without_iterations", s.workers_without_iterations);
  json.member("wake_latency_samples", s.wake_latency_samples)
      .member("timer_latency_samples", s.timer_latency_samples);
  write_ext_metrics(json, s.ext_metrics);
  write_histograms(json, s.histograms);
  json.end_object();
}

void write_metrics(JsonWriter& json, const Metrics& metrics) {
  json.key("metrics").begin_object();
  for (const auto& [name, value] : metrics) {
    if (std::isfinite(value)) json.member(name, value);
  }
  json.end_object();
}

void write_phase(JsonWriter& json, const Phase& phase, std::size_t index) {
  KTSTR_ASSERT(phase.start_ns <= phase.end_ns && index > 0);
  json.begin_object().member("step_index", index).member("label", phase.label);
  json.member("start_ms", phase.start_ns / kNsPerMs).member("end_ms", phase.end_ns / kNsPerMs);
  json.member("scheduler", phase.scheduler).member("sample_count", phase.sample_count);
  write_metrics(json, phase.metrics);
  json.key("per_cgroup").begin_array();
  for (const auto& [name, metrics] : phase.cgroups) {
    json.begin_object().member("name", name);
    write_metrics(json, metrics);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_snapshots(JsonWriter& json, const ScenarioReport& scenario) {
  json.key("snapshots").begin_array();
  for (const Snapshot& snapshot : scenario.snapshots) {
    const std::uint64_t elapsed = snapshot.at_ns > scenario.start_ns ? snapshot.at_ns - scenario.start_ns : 0;
    json.begin_object().member("name", snapshot.name).member("at_ms", elapsed / kNsPerMs);
    json.key("values").begin_object();
    for (const auto& [name, value] : snapshot.values) json.member(name, value);
    json.end_object().end_object();
  }
  json.end_array();
}

}  // namespace

void write_scenario_stats(JsonWriter& json, const ScenarioStats& s, const std::vector<Phase>& phases,
                          const ScenarioReport* scenario) {
  json.begin_object().key("cgroups").begin_array();
  for (const CgroupStats& cgroup : s.cgroups) write_cgroup_stats(json, cgroup);
  json.end_array().member("total_workers", s.total_workers).member("total_cpus", s.total_cpus);
  json.member("total_migrations", s.total_migrations).member("worst_spread", s.worst_spread);
  json.member("worst_gap_ms", s.worst_gap_ms).member("worst_gap_cpu", s.worst_gap_cpu);
  json.member("worst_migration_ratio", s.worst_migration_ratio);
  json.member("worst_p99_wake_latency_us", s.worst_p99_wake_latency_us);
  json.member("worst_median_wake_latency_us", s.worst_median_wake_latency_us)
      .member("worst_wake_latency_cv", s.worst_wake_latency_cv);
  json.member("total_iterations", s.total_iterations)
      .member("worst_mean_run_delay_us", s.worst_mean_run_delay_us);
  json.member("worst_run_delay_us", s.worst_run_delay_us)
      .member("worst_page_locality", s.worst_page_locality);
  json.member("worst_cross_node_migration_ratio", s.worst_cross_node_migration_ratio);
  json.member("worst_wake_latency_tail_ratio", s.worst_wake_latency_tail_ratio);
  json.member("worst_iterations_per_worker", s.worst_iterations_per_worker);
  json.member("workers_without_iterations", s.workers_without_iterations);
  json.member("wake_latency_samples", s.wake_latency_samples)
      .member("timer_latency_samples", s.timer_latency_samples);
  write_ext_metrics(json, s.ext_metrics);
  json.key("phases").begin_array();
  for (std::size_t i = 0; i < phases.size(); ++i)
    write_phase(json, phases[i], i + 1);  // 0 is before the first step
  json.end_array();
  if (scenario != nullptr && !scenario->snapshots.empty()) write_snapshots(json, *scenario);
  json.end_object();
}

}  // namespace ktstr::kvm
