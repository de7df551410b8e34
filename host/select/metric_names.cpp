// SPDX-License-Identifier: Apache-2.0
#include "select/metric_names.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "metrics/cgroup_metrics.hpp"

namespace ktstr {
namespace {

std::string name_at(const SidecarRecord& record, std::size_t place) {
  KTSTR_ASSERT(place < record.cgroups.size());
  return record.cgroups[place].name.empty() ? "cgroup" + std::to_string(place)
                                            : printable(record.cgroups[place].name);
}

std::set<std::string> paths_of(const std::vector<const SidecarRecord*>& records) {
  std::set<std::string> paths;
  for (const SidecarRecord* record : records) {
    for (std::size_t place = 0; place < record->cgroups.size(); ++place) {
      for (std::size_t i = 0; i < cgroup_metrics().size(); ++i) {
        if (!std::isnan(record->cgroups[place].values[i]))
          paths.insert(path_of(name_at(*record, place), cgroup_metrics()[i].name));
      }
    }
  }
  return paths;
}

}  // namespace

bool tells(const SidecarRecord& record, std::string_view name) {
  const MetricPath path = metric_path(name);
  if (path.cgroup.empty()) return record.values.contains(name);
  const std::size_t index = cgroup_metric_index(path.metric);
  for (std::size_t place = 0; index < cgroup_metrics().size() && place < record.cgroups.size(); ++place) {
    if (name_at(record, place) == path.cgroup && !std::isnan(record.cgroups[place].values[index]))
      return true;
  }
  return false;
}

std::string suggestion_of_told(std::string_view name, const std::vector<const SidecarRecord*>& records) {
  const std::set<std::string> paths = paths_of(records);
  if (const std::string near = suggestion(name, {paths.begin(), paths.end()}); !near.empty()) return near;
  const std::string_view metric = metric_path(name).metric;
  for (const std::string& path : paths) {
    if (metric_path(path).metric == metric) return " (did you mean \"" + path + "\"?)";
  }
  return {};
}

Status check_names_match(const std::vector<std::string>& names, const std::string& what,
                         const std::vector<SidecarRecord>& baseline, const std::vector<SidecarRecord>& head) {
  if (baseline.empty() || head.empty()) return Ok{};
  for (const std::string& name : names) {
    const auto says = [&](const SidecarRecord& record) { return tells(record, name); };
    if (std::any_of(baseline.begin(), baseline.end(), says) || std::any_of(head.begin(), head.end(), says))
      continue;
    std::vector<const SidecarRecord*> all;
    for (const auto* side : {&baseline, &head}) {
      for (const SidecarRecord& record : *side) all.push_back(&record);
    }
    return usage_error(
        what + ": no test of either side has the metric \"" + printable(name) + "\"" +
            suggestion_of_told(name, all),
        "it would never match anything; take it out, or see what there is: ktstr perf-delta --all-metrics");
  }
  return Ok{};
}

}  // namespace ktstr
