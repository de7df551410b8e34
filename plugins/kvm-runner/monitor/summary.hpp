// SPDX-License-Identifier: Apache-2.0
//
// From samples to the figures of a sidecar. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/sample.hpp"

namespace ktstr::kvm {

/// What a stretch of time looked like. What could not be read is absent, not zero.
struct MonitorSummary {
  std::uint64_t samples = 0, valid = 0;
  double max_imbalance = 1, avg_imbalance = 0, avg_running = 0;
  std::optional<std::uint32_t> deepest;  ///< local dispatch queue
  std::optional<double> avg_depth;
  std::uint64_t stuck = 0;
  double seconds = 0;                ///< from the first valid sample to the last one
  Counters increases;                ///< between them
  std::uint64_t fallback_burst = 0;  ///< largest increase between neighbours
};

/// Of the samples with `from_ns` <= at < `to_ns`.
MonitorSummary summarize(const MonitorReport& report, std::uint64_t from_ns, std::uint64_t to_ns);

/// What a phase has of a summary, by the names of metrics: what no counter of the kernel tells. Empty when no
/// sample was valid.
std::map<std::string, double> monitor_metrics(const MonitorSummary& summary);

/// How much a counter grew from one sample to the next; nothing where that cannot be said.
std::optional<std::uint64_t> increase(const MonitorSample& before, const MonitorSample& after,
                                      std::size_t counter);

}  // namespace ktstr::kvm
