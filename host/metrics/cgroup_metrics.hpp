// SPDX-License-Identifier: Apache-2.0
//
// What is compared of each cgroup: the figures that whole runs only have of their worst cgroup.
// `web/p99_wake_latency_us` names one.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "metrics/metric.hpp"

namespace ktstr {

struct CgroupMetric : CgroupFigure {
  std::string_view whole;  ///< metric of the whole run that is its worst: the row takes gates, direction and
                           ///< family from there
};

/// The figures of metric_table.cpp, in its order.
std::span<const CgroupMetric> cgroup_metrics();

/// Place in the table; their number when there is no such name.
std::size_t cgroup_metric_index(std::string_view name);
/// The figure whose absence tells that something did not happen. Not for kAlways.
std::size_t leading_metric(Happening happening);
/// "iteration", "wake-up", "timer"
std::string_view happening_name(Happening happening);

/// "web/p99_wake_latency_us" in its two parts; the cgroup is empty when there is no slash.
struct MetricPath {
  std::string_view cgroup, metric;
};
MetricPath metric_path(std::string_view name);
std::string path_of(std::string_view cgroup, std::string_view metric);

}  // namespace ktstr
