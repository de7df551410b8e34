// SPDX-License-Identifier: Apache-2.0
//
// What is compared of each cgroup: the figures that whole runs only have of their worst cgroup.
// `web/p99_wake_latency_us` names one.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ktstr {

/// What has to happen in a cgroup before a figure says anything.
enum class Happening { kAlways, kIterations, kWakeups, kTimers };

struct CgroupMetric {
  std::string_view name;   ///< after the slash
  std::string_view whole;  ///< metric of the whole run that is its worst: the row takes gates, direction and
                           ///< family from there
  std::string_view key;    ///< in stats.cgroups[]
  Happening needs;
  std::string_view description;
};

inline constexpr std::size_t kCgroupMetrics = 17;
const std::array<CgroupMetric, kCgroupMetrics>& cgroup_metrics();

/// Place in the table; kCgroupMetrics when there is no such name.
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
