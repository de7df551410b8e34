// SPDX-License-Identifier: Apache-2.0
#include "judge/stats.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace ktstr::kvm {
namespace {

using Numbers = std::vector<std::uint64_t>;

const WorkType* const kBursty = find_work_type("Bursty");
const WorkType* const kTimer = find_work_type("TimerLatency");

void measured(WorkerReport& worker, const WorkType* type, Numbers kept) {
  worker.type = type;
  worker.samples[0] = {kept.size(), std::move(kept)};
}

Numbers up_to(std::uint64_t n) {
  Numbers samples(n);
  std::iota(samples.begin(), samples.end(), 1);
  return samples;
}

TEST(Stats, NearestRank) {
  const std::tuple<Numbers, std::uint64_t, std::uint64_t> kRows[] = {{{}, 990, 0},
                                                                     {{7}, 990, 7},
                                                                     {{1, 2}, 990, 2},
                                                                     {up_to(99), 990, 99},
                                                                     {up_to(100), 990, 99},
                                                                     {up_to(101), 990, 100},
                                                                     {up_to(200), 990, 198},
                                                                     {up_to(1000), 990, 990},
                                                                     {up_to(1000), 999, 999},
                                                                     {up_to(1001), 999, 1000},
                                                                     {{1, 2, 3}, 1, 1}};
  for (const auto& [samples, thousandths, expected] : kRows)
    EXPECT_EQ(nearest_rank(samples, thousandths), expected) << samples.size();
}

TEST(Stats, UpperMedian) {
  const std::pair<Numbers, std::uint64_t> kRows[] = {
      {{}, 0}, {{5}, 5}, {{1, 2}, 2}, {{1, 2, 3}, 2}, {{1, 2, 3, 4}, 3}};
  for (const auto& [samples, expected] : kRows) EXPECT_EQ(upper_median(samples), expected);
}

TEST(Stats, PopulationCv) {
  EXPECT_EQ(population_cv({}), 0);
  EXPECT_EQ(population_cv({0, 0}), 0);
  EXPECT_EQ(population_cv({5, 5, 5}), 0);
  EXPECT_DOUBLE_EQ(population_cv({1, 3}), 0.5);
  EXPECT_DOUBLE_EQ(population_cv({2, 4, 4, 4, 5, 5, 7, 9}), 0.4);
}

WorkerReport worker(std::uint64_t off_ns, std::uint64_t wall_ns) {
  WorkerReport report;
  report.off_cpu_ns = off_ns;
  report.wall_time_ns = wall_ns;
  return report;
}

TEST(Stats, OffCpuShareAndSpread) {
  const CgroupStats stats = cgroup_stats({worker(10, 100), worker(40, 100), worker(99, 0)});
  EXPECT_DOUBLE_EQ(stats.avg_off_cpu_pct, 25);
  EXPECT_DOUBLE_EQ(stats.min_off_cpu_pct, 10);
  EXPECT_DOUBLE_EQ(stats.max_off_cpu_pct, 40);
  EXPECT_DOUBLE_EQ(stats.spread, 30);
  EXPECT_EQ(stats.num_workers, 3U);
}

TEST(Stats, CountsGapsAndDelays) {
  WorkerReport a, b;
  a.iterations = 30, a.migrations = 1, a.cpus_used = {0, 1}, a.max_gap_ns = 1'999'999, a.max_gap_cpu = 1,
  a.run_delay_ns = 1000, a.cpu_time_ns = 5;
  b.iterations = 10, b.migrations = 3, b.cpus_used = {1, 5}, b.max_gap_ns = 7'000'000, b.max_gap_cpu = 5,
  b.run_delay_ns = 4000, b.cpu_time_ns = 6;
  measured(a, kBursty, {4000, 1000});
  measured(b, kBursty, {2000, 3000});
  const CgroupStats stats = cgroup_stats({a, b});
  EXPECT_EQ(stats.num_cpus, 3U);
  EXPECT_EQ(stats.max_gap_ms, 7U);
  EXPECT_EQ(stats.max_gap_cpu, 5U);
  EXPECT_EQ(stats.total_migrations, 4U);
  EXPECT_DOUBLE_EQ(stats.migration_ratio, 0.1);
  EXPECT_EQ(stats.total_iterations, 40U);
  EXPECT_DOUBLE_EQ(stats.iterations_per_worker, 20);
  EXPECT_DOUBLE_EQ(stats.mean_run_delay_us, 2.5);
  EXPECT_DOUBLE_EQ(stats.worst_run_delay_us, 4);
  EXPECT_DOUBLE_EQ(stats.p99_wake_latency_us, 4);
  EXPECT_DOUBLE_EQ(stats.median_wake_latency_us, 3);
  EXPECT_DOUBLE_EQ(stats.wake_latency_tail_ratio, 4.0 / 3);
  EXPECT_DOUBLE_EQ(stats.wake_latency_cv, std::sqrt(1.25) / 2.5);
  EXPECT_EQ(stats.total_cpu_time_ns, 11U);
  EXPECT_TRUE(stats.ext_metrics.empty());
}

TEST(Stats, NothingToDivideByGivesZero) {
  const CgroupStats none = cgroup_stats({});
  EXPECT_EQ(none.migration_ratio + none.iterations_per_worker + none.mean_run_delay_us +
                none.wake_latency_tail_ratio + none.spread,
            0);
  WorkerReport idle;
  idle.migrations = 5;
  measured(idle, kBursty, {0, 0});
  EXPECT_EQ(cgroup_stats({idle}).migration_ratio, 0);
  EXPECT_EQ(cgroup_stats({idle}).wake_latency_tail_ratio, 0);
}

CgroupReport group(std::uint64_t iterations, std::uint64_t gap_ns, std::uint64_t gap_cpu,
                   Numbers timers = {}) {
  CgroupReport report;
  WorkerReport one;
  one.iterations = iterations;
  one.max_gap_ns = gap_ns;
  one.max_gap_cpu = gap_cpu;
  one.cpus_used = {0};
  one.cpu_time_ns = 500'000'000;
  measured(one, kTimer, std::move(timers));
  report.workers = {one};
  return report;
}

TEST(Stats, ScenarioTakesTheWorstOfItsCgroups) {
  const ScenarioStats stats =
      scenario_stats({group(100, 5'000'000, 3), group(0, 9'000'000, 1), group(40, 9'000'000, 2)}, 2.0);
  EXPECT_EQ(stats.total_workers, 3U);
  EXPECT_EQ(stats.total_cpus, 3U);  // a sum over cgroups, as the format says
  EXPECT_EQ(stats.total_iterations, 140U);
  EXPECT_EQ(stats.worst_gap_ms, 9U);
  EXPECT_EQ(stats.worst_gap_cpu, 1U);
  EXPECT_EQ(stats.worst_iterations_per_worker, 0);  // the second cgroup's: nothing is the slowest
  EXPECT_EQ(stats.worst_page_locality, 0);
  EXPECT_DOUBLE_EQ(stats.ext_metrics.at("iteration_rate"), 70);
  EXPECT_DOUBLE_EQ(stats.ext_metrics.at("iteration_rate") * stats.ext_metrics.at("total_phase_duration_sec"),
                   stats.ext_metrics.at("total_phase_iterations"));
  EXPECT_DOUBLE_EQ(stats.ext_metrics.at("total_cpu_time_sec"), 1.5);
  EXPECT_DOUBLE_EQ(stats.ext_metrics.at("iterations_per_cpu_sec"), 140 / 1.5);
  EXPECT_EQ(stats.ext_metrics.at("worst_iterations_per_cpu_sec"), 0);
  EXPECT_DOUBLE_EQ(scenario_stats({group(100, 0, 0), group(40, 0, 0)}, 2.0).worst_iterations_per_worker, 40);
  EXPECT_DOUBLE_EQ(
      scenario_stats({group(100, 0, 0), group(40, 0, 0)}, 2.0).ext_metrics.at("worst_iterations_per_cpu_sec"),
      80);
  EXPECT_FALSE(stats.ext_metrics.contains("worst_p99_timer_latency_us"));
}

TEST(Stats, TimerLatenciesBecomeExtMetrics) {
  const ScenarioStats stats =
      scenario_stats({group(1, 0, 0, {3000, 1000, 2000}), group(1, 0, 0, {9000})}, 1.0);
  EXPECT_DOUBLE_EQ(stats.cgroups[0].ext_metrics.at("worst_median_timer_latency_us"), 2);
  EXPECT_DOUBLE_EQ(stats.cgroups[0].ext_metrics.at("worst_p99_timer_latency_us"), 3);
  EXPECT_DOUBLE_EQ(stats.ext_metrics.at("worst_median_timer_latency_us"), 9);
  EXPECT_DOUBLE_EQ(stats.ext_metrics.at("worst_p999_timer_latency_us"), 9);
  EXPECT_DOUBLE_EQ(stats.ext_metrics.at("worst_timer_latency_us"), 9);
}

TEST(Stats, SaysHowManySamplesAndWhoCompletedNothing) {
  CgroupReport web = group(3, 0, 0, {1000, 2000});
  web.name = "web";
  measured(web.workers.emplace_back(), kBursty, {5, 6, 7});
  const ScenarioStats stats = scenario_stats({web, group(0, 0, 0)}, 1.0);
  EXPECT_EQ(stats.cgroups[0].name, "web");
  EXPECT_EQ(stats.cgroups[0].workers_without_iterations, 1U);
  EXPECT_EQ(stats.cgroups[0].wake_latency_samples, 3U);
  EXPECT_EQ(stats.cgroups[0].timer_latency_samples, 2U);
  EXPECT_EQ(stats.workers_without_iterations, 2U);
  EXPECT_EQ(stats.wake_latency_samples, 3U);
  EXPECT_EQ(stats.timer_latency_samples, 2U);
}

TEST(Stats, NoCgroupsAndNoTime) {
  EXPECT_TRUE(scenario_stats({}, 0).ext_metrics.empty());
  EXPECT_FALSE(scenario_stats({group(1, 1, 1)}, 0).ext_metrics.contains("iteration_rate"));
}

}  // namespace
}  // namespace ktstr::kvm
