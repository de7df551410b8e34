// SPDX-License-Identifier: Apache-2.0
#include "monitor/summary.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace {

void add_sample(const MonitorSample& sample, MonitorSummary& summary, double& readings) {
  KTSTR_ASSERT(sample.cpus > 0 && sample.imbalance >= 1);
  ++summary.valid;
  summary.max_imbalance = std::max(summary.max_imbalance, sample.imbalance);
  summary.avg_imbalance += sample.imbalance;
  summary.avg_running += static_cast<double>(sample.running);
  readings += sample.cpus;
  summary.stuck += sample.stuck;
  if (sample.queued) {
    summary.avg_depth = summary.avg_depth.value_or(0) + static_cast<double>(*sample.queued);
    summary.deepest = std::max(summary.deepest.value_or(0), sample.deepest);
  }
}

void add_increases(const MonitorSample& before, const MonitorSample& after, MonitorSummary& summary) {
  for (std::size_t i = 0; i < kMonitorCounters.size(); ++i) {
    const std::optional<std::uint64_t> more = increase(before, after, i);
    if (!more) continue;
    summary.increases[i] = summary.increases[i].value_or(0) + *more;
    if (i == monitor_counter("total_fallback"))
      summary.fallback_burst = std::max(summary.fallback_burst, *more);
  }
}

}  // namespace

std::optional<std::uint64_t> increase(const MonitorSample& before, const MonitorSample& after,
                                      std::size_t counter) {
  const std::optional<std::uint64_t>&old = before.counters[counter], &now = after.counters[counter];
  const bool comparable =
      kMonitorCounters[counter].kind != CounterKind::kEvent || before.scheduler == after.scheduler;
  if (!old || !now || !comparable) return std::nullopt;
  return *now > *old ? *now - *old : 0;
}

MonitorSummary summarize(const MonitorReport& report, std::uint64_t from_ns, std::uint64_t to_ns) {
  MonitorSummary summary;
  const MonitorSample *first = nullptr, *last = nullptr;
  double readings = 0;
  for (const MonitorSample& sample : report.samples) {
    if (sample.at_ns < from_ns || sample.at_ns >= to_ns) continue;
    ++summary.samples;
    if (!sample.valid) continue;
    add_sample(sample, summary, readings);
    if (last != nullptr) add_increases(*last, sample, summary);
    if (first == nullptr) first = &sample;
    last = &sample;
  }
  if (summary.valid == 0) return summary;
  KTSTR_ASSERT(summary.valid <= summary.samples && readings > 0 && first->at_ns <= last->at_ns);
  summary.avg_imbalance /= static_cast<double>(summary.valid);
  summary.avg_running /= readings;
  if (summary.avg_depth) *summary.avg_depth /= readings;
  summary.seconds = static_cast<double>(last->at_ns - first->at_ns) / 1e9;
  return summary;
}

std::map<std::string, double> monitor_metrics(const MonitorSummary& summary) {
  std::map<std::string, double> metrics;
  if (summary.valid == 0) return metrics;
  metrics = {{"max_imbalance_ratio", summary.max_imbalance},
             {"avg_imbalance_ratio", summary.avg_imbalance},
             {"avg_nr_running", summary.avg_running},
             {"stuck_count", static_cast<double>(summary.stuck)}};
  if (summary.deepest) metrics["max_dsq_depth"] = *summary.deepest;
  if (summary.avg_depth) metrics["avg_dsq_depth"] = *summary.avg_depth;
  return metrics;
}

}  // namespace ktstr::kvm
