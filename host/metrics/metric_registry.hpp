// SPDX-License-Identifier: Apache-2.0
//
// Every metric that a comparison knows, as data. Adding one is adding a row to metric_table.cpp; a project
// adds its own in ktstr.json.
#pragma once
#include <array>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric.hpp"
#include "support/result.hpp"

namespace ktstr {

/// A row that a project brings along.
struct MetricContribution {
  std::string name, unit, path, description;
  std::uint32_t polarity = KTSTR_LOWER_IS_BETTER, metric_class = KTSTR_CLASS_RATIO;
  double abs_gate = 0, rel_gate = 0;
};

class MetricRegistry {
 public:
  /// The rows of metric_table.cpp.
  MetricRegistry();

  /// Fails when the name or the place is taken.
  Status add(const MetricContribution& row);

  std::span<const Metric> rows() const { return rows_; }
  /// Those that were added.
  std::span<const Metric> contributed() const { return rows().subspan(builtin_metrics().size()); }
  const Metric* find(std::string_view name) const;
  /// Of what a person may name: everything but the components of rates.
  std::vector<std::string> names() const;
  /// What single cgroups are compared by, in the order of cgroup_metrics(): gates, direction and family are
  /// those of the metric that is the worst cgroup's.
  std::span<const Metric> cgroup_rows() const { return cgroup_rows_; }
  /// Of a metric, or of a cgroup's own figure by its path: "web/max_gap_ms". Null when there is none.
  const Metric* find_path(std::string_view name) const;
  /// What find_path would have taken, as the end of an error: "; did you mean …", or where the names are.
  std::string path_suggestion(std::string_view name) const;

 private:
  std::vector<Metric> rows_, cgroup_rows_;
  std::shared_ptr<std::deque<std::string>>
      texts_;  ///< what contributed rows point to; copies of the registry share it
};

/// What people write, in the order of KTSTR_LOWER_IS_BETTER…
inline constexpr std::array<std::string_view, 3> kPolarityNames = {"lower", "higher", "informational"};
/// In the order of KTSTR_CLASS_RATIO…
inline constexpr std::array<std::string_view, 4> kClassNames = {"ratio", "count", "exact", "extreme"};
std::string_view polarity_name(std::uint32_t polarity);
std::string_view kind_name(MetricKind kind);
std::string_view fold_name(Fold fold);
std::string_view class_name(std::uint32_t metric_class);

}  // namespace ktstr
