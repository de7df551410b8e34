// SPDX-License-Identifier: Apache-2.0
#include "judge/phases.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <map>
#include <tuple>

#include "judge/bench_metrics.hpp"
#include "judge/histograms.hpp"
#include "manifest/timeline.hpp"
#include "monitor/summary.hpp"

namespace ktstr::kvm {
namespace {

/// What the sets of one cgroup did between two marks.
struct Deed {
  std::uint64_t iterations = 0, migrations = 0, run_delay_ns = 0, workers = 0;
  std::map<std::string_view, Buckets> samples;
};

std::uint64_t more(std::uint64_t before, std::uint64_t after) { return after > before ? after - before : 0; }

std::map<std::size_t, Deed> deeds_between(const Scenario& scenario, const Mark& from, const Mark& to) {
  std::map<std::size_t, Deed> deeds;
  KTSTR_ASSERT(from.sets.size() == scenario.sets.size() && to.sets.size() == scenario.sets.size());
  for (std::size_t s = 0; s < scenario.sets.size(); ++s) {
    const SetProgress &before = from.sets.at(s), &after = to.sets.at(s);
    const WorkerSet& set = scenario.sets[s];
    Deed& deed = deeds[set.cgroup];
    deed.iterations += more(before.iterations, after.iterations);
    deed.migrations += more(before.migrations, after.migrations);
    deed.run_delay_ns += more(before.run_delay_ns, after.run_delay_ns);
    deed.workers += set.workers;
    for (std::size_t d = 0; d < after.samples.size(); ++d) {
      const std::string_view name = set.work.type->samples[d];
      if (!name.empty())
        add_buckets(deed.samples[name], buckets_between(before.samples[d], after.samples[d]));
    }
  }
  return deeds;
}

void keep_highest(Metrics& metrics, const std::string& name, double value) {
  const auto [entry, added] = metrics.try_emplace(name, value);
  if (!added) entry->second = std::max(entry->second, value);
}

/// Quantiles of latencies, those of the worst cgroup.
void add_latencies(const Deed& deed, Metrics& metrics) {
  struct Row {
    std::string_view distribution;
    const char* metric;
    std::uint64_t thousandths;
  };
  static constexpr Row kRows[] = {
      {"wake", "worst_median_wake_latency_us", 500},   {"wake", "worst_p99_wake_latency_us", 990},
      {"timer", "worst_median_timer_latency_us", 500}, {"timer", "worst_p99_timer_latency_us", 990},
      {"timer", "worst_p999_timer_latency_us", 999},   {"timer", "worst_timer_latency_us", 1000}};
  for (const Row& row : kRows) {
    const auto found = deed.samples.find(row.distribution);
    if (found != deed.samples.end() && !found->second.empty())
      keep_highest(metrics, row.metric, quantile_of(found->second, row.thousandths) / 1000);
  }
}

/// What one cgroup did, by the names that its figures have in the whole scenario.
Metrics metrics_of(const Deed& deed, double seconds) {
  static constexpr std::tuple<std::string_view, const char*, std::uint64_t> kQuantiles[] = {
      {"wake", "median_wake_latency_us", 500},
      {"wake", "p99_wake_latency_us", 990},
      {"timer", "median_timer_latency_us", 500},
      {"timer", "p99_timer_latency_us", 990}};
  Metrics metrics{{"total_iterations", static_cast<double>(deed.iterations)},
                  {"total_migrations", static_cast<double>(deed.migrations)}};
  if (seconds > 0) metrics["iteration_rate"] = static_cast<double>(deed.iterations) / seconds;
  if (deed.workers > 0)
    metrics["mean_run_delay_us"] =
        static_cast<double>(deed.run_delay_ns) / 1000 / static_cast<double>(deed.workers);
  if (deed.iterations > 0)
    metrics["migration_ratio"] = static_cast<double>(deed.migrations) / static_cast<double>(deed.iterations);
  for (const auto& [distribution, name, thousandths] : kQuantiles) {
    const auto found = deed.samples.find(distribution);
    if (found != deed.samples.end() && !found->second.empty())
      metrics[name] = quantile_of(found->second, thousandths) / 1000;
  }
  return metrics;
}

std::vector<std::pair<std::string, Metrics>> cgroups_between(const Scenario& scenario, const Mark& from,
                                                             const Mark& to) {
  std::vector<std::pair<std::string, Metrics>> cgroups;
  const double seconds = static_cast<double>(more(from.at_ns, to.at_ns)) / 1e9;
  for (const auto& [cgroup, deed] : deeds_between(scenario, from, to))
    cgroups.emplace_back(cgroup == kRootCgroup ? "root" : scenario.cgroups[cgroup].name,
                         metrics_of(deed, seconds));
  return cgroups;
}

Metrics metrics_between(const TestSpec& test, const ScenarioReport& scenario, const Mark& from,
                        const Mark& to) {
  Metrics metrics;
  add_counter_metrics(from, to, metrics);
  add_bench_phase_metrics(test, scenario, from, to, metrics);
  const double seconds = static_cast<double>(more(from.at_ns, to.at_ns)) / 1e9;
  double iterations = 0, migrations = 0;
  for (const auto& [cgroup, deed] : deeds_between(test.scenario, from, to)) {
    iterations += static_cast<double>(deed.iterations);
    migrations += static_cast<double>(deed.migrations);
    add_latencies(deed, metrics);
    if (deed.workers > 0)
      keep_highest(metrics, "worst_mean_run_delay_us",
                   static_cast<double>(deed.run_delay_ns) / 1000 / static_cast<double>(deed.workers));
    if (deed.iterations > 0)
      keep_highest(metrics, "worst_migration_ratio",
                   static_cast<double>(deed.migrations) / static_cast<double>(deed.iterations));
  }
  metrics["total_iterations"] = metrics["total_phase_iterations"] = iterations;
  metrics["total_migrations"] = migrations;
  metrics["total_phase_duration_sec"] = seconds;
  if (seconds > 0) metrics["iteration_rate"] = iterations / seconds;
  return metrics;
}

}  // namespace

std::vector<Phase> phases_of(const TestSpec& test, const ScenarioReport& scenario,
                             const MonitorReport& monitor) {
  std::vector<Phase> phases;
  const std::vector<PlannedPhase> planned = planned_phases(test);
  for (std::size_t m = 0; m + 1 < scenario.marks.size(); ++m) {
    const Mark &from = scenario.marks[m], &to = scenario.marks[m + 1];
    KTSTR_ASSERT(from.at_ns <= to.at_ns);  // as the result's reader insists
    Phase phase{from.label,
                more(scenario.start_ns, from.at_ns),
                more(scenario.start_ns, to.at_ns),
                planned.at(std::min(m, planned.size() - 1)).scheduler,
                metrics_between(test, scenario, from, to),
                cgroups_between(test.scenario, from, to),
                0};
    const MonitorSummary seen = summarize(monitor, from.at_ns, to.at_ns);
    phase.sample_count = seen.valid;
    phase.metrics.merge(monitor_metrics(seen));
    phases.push_back(std::move(phase));
  }
  return phases;
}

}  // namespace ktstr::kvm
