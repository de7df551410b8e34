// SPDX-License-Identifier: Apache-2.0
#include "judge/counter_metrics.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <optional>

namespace ktstr::kvm {
namespace {

/// Metrics that are a counter's difference.
constexpr std::pair<std::string_view, std::string_view> kDifferences[] = {
    {"total_run_delay", "run_delay_ns"},        {"total_pcount", "pcount"},
    {"total_sched_count", "sched_count"},       {"total_yld_count", "yld_count"},
    {"total_sched_goidle", "sched_goidle"},     {"total_ttwu_count", "ttwu_count"},
    {"total_ttwu_local", "ttwu_local"},         {"total_hardirqs", "hardirqs"},
    {"total_softirq_net_rx", "softirq_net_rx"}, {"total_softirq_net_tx", "softirq_net_tx"},
    {"total_softirq_timer", "softirq_timer"},   {"total_softirq_sched", "softirq_sched"},
    {"total_irq_time_ns", "irq_time_ns"},       {"total_softirq_time_ns", "softirq_time_ns"},
    {"total_steal_time_ns", "steal_time_ns"},   {"total_context_switches", "context_switches"},
    {"total_fallback", "scx_fallback"},         {"total_keep_last", "scx_keep_last"},
};

/// Metrics that are one difference over another.
struct Ratio {
  std::string_view metric, numerator, denominator;
};
constexpr Ratio kRatios[] = {{"total_run_delay_ns_per_sched", "run_delay_ns", "pcount"},
                             {"ttwu_local_fraction", "ttwu_local", "ttwu_count"},
                             {"sched_goidle_fraction", "sched_goidle", "sched_count"}};

/// Metrics that are a difference per second.
constexpr std::pair<std::string_view, std::string_view> kRates[] = {
    {"sched_count_per_sec", "sched_count"},
    {"hardirq_rate", "hardirqs"},
    {"net_rx_softirq_rate", "softirq_net_rx"},
    {"context_switches_per_sec", "context_switches"}};

/// What the busiest CPU has of a counter that is told by CPU, and that over the mean of all.
struct Busiest {
  std::string_view most, concentration, counter;
};
constexpr Busiest kBusiest[] = {
    {"max_cpu_hardirqs", "max_cpu_hardirq_concentration", "hardirqs"},
    {"max_cpu_softirq_net_rx", "max_cpu_softirq_net_rx_concentration", "softirq_net_rx"}};

class Differences {
 public:
  Differences(const Mark& from, const Mark& to) : from_(from.counters), to_(to.counters) {}

  std::optional<double> of(std::string_view name) const {
    const std::size_t row = counter_row(name);
    KTSTR_ASSERT(row < kCounters.size());
    const std::optional<std::uint64_t>&before = from_.totals.at(row), &after = to_.totals.at(row);
    if (!before || !after || *after < *before)
      return std::nullopt;  // a scheduler that attached anew counts anew
    return static_cast<double>(*after - *before);
  }
  std::vector<double> by_cpu(std::string_view name) const {
    const std::vector<std::uint64_t>&before = from_.by_cpu.at(counter_row(name)),
          &after = to_.by_cpu.at(counter_row(name));
    std::vector<double> differences;
    if (before.size() != after.size()) return differences;  // a CPU came or went
    for (std::size_t cpu = 0; cpu < after.size(); ++cpu)
      differences.push_back(after[cpu] >= before[cpu] ? static_cast<double>(after[cpu] - before[cpu]) : 0);
    return differences;
  }

 private:
  const CounterReading& from_;
  const CounterReading& to_;
};

void add_busiest(const Differences& differences, const Busiest& row, Metrics& metrics) {
  const std::vector<double> by_cpu = differences.by_cpu(row.counter);
  if (by_cpu.empty()) return;
  double sum = 0;
  for (const double one : by_cpu) sum += one;
  const double most = *std::max_element(by_cpu.begin(), by_cpu.end());
  KTSTR_ASSERT(most >= 0 && most <= sum);
  metrics.emplace(row.most, most);
  if (sum > 0) metrics.emplace(row.concentration, most / (sum / static_cast<double>(by_cpu.size())));
}

}  // namespace

void add_counter_metrics(const Mark& from, const Mark& to, Metrics& metrics) {
  const Differences differences(from, to);
  const double ns = to.at_ns > from.at_ns ? static_cast<double>(to.at_ns - from.at_ns) : 0;
  for (const auto& [metric, counter] : kDifferences) {
    if (const auto difference = differences.of(counter)) metrics.emplace(metric, *difference);
  }
  for (const Ratio& row : kRatios) {
    const auto above = differences.of(row.numerator), below = differences.of(row.denominator);
    if (above && below && *below > 0) metrics.emplace(row.metric, *above / *below);
  }
  for (const Busiest& row : kBusiest) add_busiest(differences, row, metrics);
  if (ns <= 0) return;
  metrics.emplace("total_phase_wall_sec", ns / 1e9);
  metrics.emplace("total_phase_wall_ns", ns);
  for (const auto& [metric, counter] : kRates) {
    if (const auto difference = differences.of(counter)) metrics.emplace(metric, *difference / (ns / 1e9));
  }
  if (const auto time = differences.of("irq_time_ns")) metrics.emplace("irq_time_fraction", *time / ns);
}

}  // namespace ktstr::kvm
