// SPDX-License-Identifier: Apache-2.0
#include "delta/trend.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <optional>
#include <utility>

namespace ktstr {
namespace {

bool is_of(const ScenarioKey& scenario, const SidecarRecord& run) {
  return scenario == ScenarioKey{run.test,   run.topology,    run.scheduler,  run.work_type,
                                 run.kernel, run.accelerator, run.time_source};
}

/// A cgroup's own figure, or the whole run's.
std::optional<double> figure_of(const MetricComparison& comparison, const SidecarRecord& run) {
  const std::string_view metric = comparison.metric().name;
  const std::size_t figure = cgroup_metric_index(metric);
  if (comparison.cgroup().empty() || figure == cgroup_metrics().size()) {
    const auto value = run.values.find(metric);
    return value == run.values.end() ? std::nullopt : std::optional(value->second);
  }
  for (const CgroupRecord& cgroup : run.cgroups) {
    if (printable(cgroup.name) == comparison.cgroup()) return cgroup.values[figure];
  }
  return std::nullopt;
}

}  // namespace

std::vector<TrendPoint> trend_of(const MetricComparison& comparison,
                                 const std::vector<SidecarRecord>& earlier) {
  struct Runs {
    std::string when;
    std::vector<double> values;
  };
  std::map<std::pair<std::string, std::string>, Runs> by_commit;  // and session
  if (!comparison.phase().empty()) return {};
  for (const SidecarRecord& run : earlier) {
    if (!run.counts() || run.project_commit.empty() || run.project_commit.ends_with("-dirty") ||
        !is_of(comparison.scenario(), run))
      continue;
    const std::optional<double> value = figure_of(comparison, run);
    if (!value || !std::isfinite(*value)) continue;
    Runs& runs = by_commit[{run.project_commit, run.session}];
    if (runs.when.empty() || run.timestamp < runs.when) runs.when = run.timestamp;
    runs.values.push_back(*value);
  }
  std::vector<TrendPoint> points;
  for (const auto& [key, runs] : by_commit) {
    const auto [low, high] = std::minmax_element(runs.values.begin(), runs.values.end());
    points.push_back({key.first, runs.when, kit::mean(runs.values), *low, *high, runs.values.size()});
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const TrendPoint& a, const TrendPoint& b) { return a.when < b.when; });
  if (points.size() > kMostTrendPoints) points.erase(points.begin(), points.end() - kMostTrendPoints);
  KTSTR_ASSERT(points.size() <= kMostTrendPoints);
  return points;
}

}  // namespace ktstr
