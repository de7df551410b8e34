// SPDX-License-Identifier: Apache-2.0
#include "metrics/cgroup_metrics.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <vector>

namespace ktstr {

std::span<const CgroupMetric> cgroup_metrics() {
  static const std::vector<CgroupMetric> kRows = [] {
    std::vector<CgroupMetric> rows;
    for (const Metric& metric : builtin_metrics()) {
      if (!metric.cgroup.name.empty()) rows.push_back({metric.cgroup, metric.name});
    }
    return rows;
  }();
  return kRows;
}

std::size_t cgroup_metric_index(std::string_view name) {
  const auto rows = cgroup_metrics();
  return static_cast<std::size_t>(
      std::find_if(rows.begin(), rows.end(), [&](const CgroupMetric& row) { return row.name == name; }) -
      rows.begin());
}

std::size_t leading_metric(Happening happening) {
  static const std::size_t kIterations = cgroup_metric_index("iterations_per_worker"),
                           kWakeups = cgroup_metric_index("p99_wake_latency_us"),
                           kTimers = cgroup_metric_index("p99_timer_latency_us");
  KTSTR_ASSERT(std::max({kIterations, kWakeups, kTimers}) < cgroup_metrics().size());
  return happening == Happening::kIterations ? kIterations
         : happening == Happening::kWakeups  ? kWakeups
                                             : kTimers;
}

std::string_view happening_name(Happening happening) {
  switch (happening) {
    case Happening::kAlways: return "";
    case Happening::kIterations: return "iteration";
    case Happening::kWakeups: return "wake-up";
    case Happening::kTimers: return "timer";
  }
  return "";
}

MetricPath metric_path(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? MetricPath{{}, name}
                                         : MetricPath{name.substr(0, slash), name.substr(slash + 1)};
}

std::string path_of(std::string_view cgroup, std::string_view metric) {
  return std::string(cgroup) + "/" + std::string(metric);
}

}  // namespace ktstr
