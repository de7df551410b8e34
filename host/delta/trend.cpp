// SPDX-License-Identifier: Apache-2.0
#include "delta/trend.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <optional>
#include <utility>

#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

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

Trends::Trends(const std::vector<const MetricComparison*>& findings) {
  for (const MetricComparison* finding : findings) {
    if (finding->phase().empty()) by_scenario_[finding->scenario()].push_back({finding, {}});
  }
}

bool Trends::knows_run(std::string_view key) const {
  return std::any_of(by_scenario_.begin(), by_scenario_.end(), [&](const auto& one) {
    const std::string begin = run_key(one.first.kernel, "");
    return key.starts_with(begin.substr(0, begin.rfind('-') + 1));
  });
}

void Trends::add(const SidecarRecord& run) {
  if (!run.counts() || run.project_commit.empty() || run.project_commit.ends_with("-dirty")) return;
  const auto known = by_scenario_.find(
      {run.test, run.topology, run.scheduler, run.work_type, run.kernel, run.accelerator, run.time_source});
  if (known == by_scenario_.end()) return;
  for (Trend& trend : known->second) {
    const std::optional<double> value = figure_of(*trend.finding, run);
    if (!value || !std::isfinite(*value)) continue;
    Runs& runs = trend.by_commit[{run.project_commit, run.session}];
    if (runs.when.empty() || run.timestamp < runs.when) runs.when = run.timestamp;
    runs.values.push_back(*value);
  }
}

std::vector<TrendPoint> Trends::of(const MetricComparison& finding) const {
  const auto known = by_scenario_.find(finding.scenario());
  if (known == by_scenario_.end()) return {};
  const auto trend = std::find_if(known->second.begin(), known->second.end(),
                                  [&](const Trend& one) { return one.finding == &finding; });
  if (trend == known->second.end()) return {};
  std::vector<TrendPoint> points;
  for (const auto& [key, runs] : trend->by_commit) {
    KTSTR_ASSERT(!runs.values.empty());
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
