// SPDX-License-Identifier: Apache-2.0
#include "tables/metric_table.hpp"

#include <ktstr/kit/numbers.hpp>

#include "metrics/metric_registry.hpp"

namespace ktstr {
namespace {

/// "500", "0.05", "1000000"
std::string shortest(double value) { return significant(value, 10); }

}  // namespace

std::string metric_table() {
  std::string out =
      "| metric | better | gates | unit | of each cgroup | available | meaning "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const Metric& metric : builtin_metrics()) {
    if (metric.has(Metric::kComponent)) continue;
    const std::string own(metric.cgroup.name);
    out += "| `" + std::string(metric.name) + "` | " + std::string(polarity_name(metric.polarity)) + " | " +
           shortest(metric.abs_gate) + ", " + shortest(metric.rel_gate * 100) + " % | " +
           std::string(metric.unit) + " | " + (own.empty() ? "" : "`" + own + "`") + " | " +
           (metric.has(Metric::kAvailable) ? "yes" : "") + " | " + std::string(metric.description) + " |\n";
  }
  return out;
}

}  // namespace ktstr
