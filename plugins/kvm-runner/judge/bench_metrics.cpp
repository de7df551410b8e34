// SPDX-License-Identifier: Apache-2.0
#include "judge/bench_metrics.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <vector>

#include "judge/histograms.hpp"
#include "judge/stats.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::string_view kSchbench = "Schbench", kTaobench = "Taobench";

struct Quantile {
  const char* name;
  std::uint64_t thousandths;  ///< 0: the minimum
};
constexpr Quantile kLatencyQuantiles[] = {{"p50", 500},  {"p90", 900}, {"p99", 990},
                                          {"p999", 999}, {"min", 0},   {"max", 1000}};
constexpr Quantile kRateQuantiles[] = {{"p20", 200}, {"p50", 500}, {"p90", 900}, {"min", 0}, {"max", 1000}};
/// What a distribution is called in metrics: "wakeup_p99_latency_us".
constexpr std::pair<std::string_view, const char*> kDistributions[] = {{"wake", "wakeup"},
                                                                       {"request", "request"}};

std::vector<WorkerReport> workers_of(const ScenarioReport& scenario, std::string_view type) {
  std::vector<WorkerReport> workers;
  for (const CgroupReport& cgroup : scenario.cgroups) {
    for (const WorkerReport& worker : cgroup.workers) {
      if (worker.type != nullptr && worker.type->name == type) workers.push_back(worker);
    }
  }
  return workers;
}

double quotient(double above, double below) { return below > 0 ? above / below : 0; }

/// Requests per second of the sets of a type from one pulse to another.
std::uint64_t rate_from(const TestSpec& test, const Pulse& before, const Pulse& after) {
  KTSTR_ASSERT(before.rounds.size() == test.scenario.sets.size() &&
               after.rounds.size() == test.scenario.sets.size() && before.at_ns < after.at_ns);
  double rounds = 0;
  for (std::size_t s = 0; s < test.scenario.sets.size(); ++s) {
    if (test.scenario.sets[s].work.type->name == kSchbench && after.rounds[s] >= before.rounds[s])
      rounds += static_cast<double>(after.rounds[s] - before.rounds[s]);
  }
  return static_cast<std::uint64_t>(rounds / (static_cast<double>(after.at_ns - before.at_ns) / 1e9));
}

/// Requests per second of pieces of at least `window_ns` between pulses, sorted.
std::vector<std::uint64_t> rates_of(const TestSpec& test, const std::vector<Pulse>& pulses,
                                    std::uint64_t window_ns) {
  std::vector<std::uint64_t> rates;
  for (std::size_t begin = 0, p = 1; p < pulses.size(); ++p) {
    if (pulses[p].at_ns <= pulses[begin].at_ns || pulses[p].at_ns - pulses[begin].at_ns < window_ns) continue;
    rates.push_back(rate_from(test, pulses[begin], pulses[p]));
    begin = p;
  }
  std::sort(rates.begin(), rates.end());
  return rates;
}

/// By the second, as schbench's main thread looks; what is shorter, by the pulse.
std::vector<std::uint64_t> rates_between(const TestSpec& test, const ScenarioReport& scenario,
                                         std::uint64_t from_ns, std::uint64_t to_ns) {
  constexpr std::uint64_t kSecond = 950'000'000;  // pulses are 100 ms apart, now and then a little less
  std::vector<Pulse> pulses;
  std::copy_if(scenario.pulses.begin(), scenario.pulses.end(), std::back_inserter(pulses),
               [&](const Pulse& pulse) { return pulse.at_ns >= from_ns && pulse.at_ns <= to_ns; });
  std::vector<std::uint64_t> rates = rates_of(test, pulses, kSecond);
  return rates.empty() ? rates_of(test, pulses, 0) : rates;
}

void add_rates(const std::vector<std::uint64_t>& rates, const std::string& suffix, Metrics& metrics) {
  if (rates.empty()) return;
  for (const Quantile& row : kRateQuantiles)
    metrics["rps_" + std::string(row.name) + suffix] =
        static_cast<double>(row.thousandths == 0 ? rates.front() : nearest_rank(rates, row.thousandths));
}

void add_schbench(const TestSpec& test, const ScenarioReport& scenario, Metrics& metrics) {
  const std::vector<WorkerReport> workers = workers_of(scenario, kSchbench);
  if (workers.empty()) return;
  for (const auto& [distribution, name] : kDistributions) {
    const std::vector<std::uint64_t> samples = pooled_samples(workers, distribution);
    for (const Quantile& row : kLatencyQuantiles) {
      if (samples.empty()) break;
      const std::uint64_t value =
          row.thousandths == 0 ? samples.front() : nearest_rank(samples, row.thousandths);
      metrics[std::string(name) + "_" + row.name + "_latency_us_whole"] = static_cast<double>(value) / 1000;
    }
  }
  double loops = 0;
  for (const bool messenger : {true, false}) {
    double delay = 0, turns = 0;
    for (const WorkerReport& worker : workers) {
      if (worker.messenger != messenger) continue;
      delay += static_cast<double>(worker.run_delay_ns);
      turns += static_cast<double>(worker.run_count);
      if (!messenger) loops += static_cast<double>(worker.iterations);
    }
    const std::string role = messenger ? "msg" : "worker";
    metrics["schbench_" + role + "_run_delay_ns"] = delay;
    metrics["schbench_" + role + "_pcount"] = turns;
    if (turns <= 0) continue;
    metrics["schbench_" + role + "_run_delay_ns_per_sched"] = delay / turns;
    metrics["sched_delay_" + role + "_us_whole"] = delay / turns / 1000;
  }
  metrics["schbench_loop_count_whole"] = metrics["total_schbench_loops"] = loops;
  add_rates(rates_between(test, scenario, scenario.start_ns, scenario.end_ns), "_whole", metrics);
}

void add_taobench(const ScenarioReport& scenario, Metrics& metrics) {
  const std::vector<WorkerReport> workers = workers_of(scenario, kTaobench);
  const double seconds = scenario.seconds();
  if (workers.empty() || seconds <= 0) return;
  const auto counted = [&](std::string_view name) {
    double sum = 0;
    for (const WorkerReport& worker : workers) {
      for (std::size_t c = 0; c < worker.counts.size(); ++c)
        sum += worker.type->counts[c] == name ? static_cast<double>(worker.counts[c]) : 0;
    }
    return sum;
  };
  const double fast = counted("fast_ops"), slow = counted("slow_ops");
  const double all = fast + slow;
  for (const char* form : {"_qps", "_ops_per_sec"}) {
    metrics["taobench_total" + std::string(form)] = all / seconds;
    metrics["taobench_fast" + std::string(form)] = fast / seconds;
    metrics["taobench_slow" + std::string(form)] = slow / seconds;
  }
  metrics["taobench_hit_ratio"] = metrics["taobench_hit_fraction"] = quotient(fast, all);
  if (const double asked = counted("get_cmds"); asked > 0)
    metrics["taobench_hit_rate"] =
        1 - counted("get_misses") / asked;  // of what was asked, not of what was answered
  const std::vector<std::uint64_t> serve = pooled_samples(workers, "serve");
  for (const Quantile& row : kLatencyQuantiles) {
    if (!serve.empty() && row.thousandths >= 500 && row.thousandths < 1000)
      metrics["taobench_serve_" + std::string(row.name) + "_us"] =
          static_cast<double>(nearest_rank(serve, row.thousandths)) / 1000;
  }
}

}  // namespace

void add_bench_metrics(const TestSpec& test, const ScenarioReport& scenario, Metrics& metrics) {
  add_schbench(test, scenario, metrics);
  add_taobench(scenario, metrics);
}

void add_bench_phase_metrics(const TestSpec& test, const ScenarioReport& scenario, const Mark& from,
                             const Mark& to, Metrics& metrics) {
  Buckets samples[std::size(kDistributions)];
  bool any = false;
  double loops = 0;
  for (std::size_t s = 0; s < test.scenario.sets.size(); ++s) {
    const WorkType& type = *test.scenario.sets[s].work.type;
    if (type.name != kSchbench) continue;
    any = true;
    for (std::size_t d = 0; d < type.samples.size(); ++d) {
      for (std::size_t k = 0; k < std::size(kDistributions); ++k) {
        if (type.samples[d] == kDistributions[k].first)
          add_buckets(samples[k], buckets_between(from.sets.at(s).samples[d], to.sets.at(s).samples[d]));
      }
    }
  }
  if (!any) return;
  for (std::size_t k = 0; k < std::size(kDistributions); ++k) {
    for (const Quantile& row : kLatencyQuantiles) {
      if (!samples[k].empty())
        metrics[std::string(kDistributions[k].second) + "_" + row.name + "_latency_us"] =
            quantile_of(samples[k], row.thousandths) / 1000;
    }
    if (kDistributions[k].first == "request") loops = static_cast<double>(count_of(samples[k]));
  }
  metrics["schbench_loop_count"] = loops;
  add_rates(rates_between(test, scenario, from.at_ns, to.at_ns), "", metrics);
}

}  // namespace ktstr::kvm
