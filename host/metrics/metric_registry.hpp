// SPDX-License-Identifier: Apache-2.0
//
// Every metric that a comparison knows, as data. Adding one is adding a row to metric_table.cpp; a project
// adds its own in ktstr.json.
#pragma once
#include <ktstr/abi/gate.h>

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// How a run's one value comes about.
enum class MetricKind {
  kCounter,             ///< sum over cgroups
  kGaugeAvg,            ///< mean over the samples of the run
  kGaugeLast,           ///< the last sample
  kGaugeMax,            ///< the worst cgroup's
  kPeak,                ///< the largest value seen
  kDeltaSum,            ///< last minus first reading
  kPerPhaseDeltaSum,    ///< the same, summed over phases
  kRate,                ///< a sum over another sum
  kDistribution,        ///< percentile, mean, variation or maximum of pooled samples
  kWorstLowest,         ///< the lowest value over cgroups
  kWorstRatio,          ///< the largest ratio over cgroups
  kPerPhase,            ///< exists for single phases only, so it cannot gate whole runs
  kPerRunDistribution,  ///< one value a run whose spread is the point: judged with repeated runs only
};

/// How the values of several runs become one number.
enum class Fold {
  kMean,
  kMax,
  kPooled,  ///< sum of numerators over sum of denominators: a mean of ratios would weigh short runs like long
            ///< ones
};

struct Metric {
  enum Flag : unsigned {
    kAvailable = 1,   ///< the shipped runner measures it
    kZeroAbsent = 2,  ///< writers use 0 for "not measured"
    kComponent = 4,   ///< of a rate: not shown, not judged
  };
  std::string_view name;
  std::string_view family;  ///< metrics that are derived from one another share it: one fact counts once
  MetricKind kind;
  std::uint32_t polarity;      ///< KTSTR_LOWER_IS_BETTER …
  std::uint32_t metric_class;  ///< KTSTR_CLASS_*
  double abs_gate;             ///< in `unit`
  double rel_gate;             ///< 0.25 is 25 %
  std::string_view unit;       ///< empty: a plain number
  Fold fold;
  std::string_view
      path;  ///< where a sidecar has it, keys joined by dots; empty: only in stats.ext_metrics, by its name
  unsigned flags;
  std::string_view description;
  std::string_view numerator = {},
                   denominator =
                       {};  ///< metrics that a rate is made of, or that another ratio sets against each other

  bool has(Flag flag) const { return (flags & flag) != 0; }
  bool is_ratio() const { return !numerator.empty() && !denominator.empty(); }
  /// A ratio of sums that runs record.
  bool is_rate() const { return kind == MetricKind::kRate && is_ratio(); }
  /// Whether whole runs can be compared by it. `repeated`: both sides were run several times.
  bool compares(bool repeated) const {
    return !has(kComponent) && kind != MetricKind::kPerPhase &&
           (repeated || kind != MetricKind::kPerRunDistribution);
  }
  /// Smallest step that it can show: counts are whole, clocks are read in nanoseconds. 0: unknown.
  double resolution() const;
  /// The path in words that people and programs can follow.
  std::string sidecar_path() const;
};

/// A row that a project brings along.
struct MetricContribution {
  std::string name, unit, path, description;
  std::uint32_t polarity = KTSTR_LOWER_IS_BETTER, metric_class = KTSTR_CLASS_RATIO;
  double abs_gate = 0, rel_gate = 0;
};

std::span<const Metric> builtin_metrics();  // metric_table.cpp

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

/// "lower", "higher" or "informational".
std::string_view polarity_name(std::uint32_t polarity);
std::string_view kind_name(MetricKind kind);
std::string_view fold_name(Fold fold);
/// "ratio", "count", "exact" or "extreme".
std::string_view class_name(std::uint32_t metric_class);
/// The inverse of `polarity_name` and `class_name`; false when there is no such name.
bool parse_polarity(std::string_view name, std::uint32_t& polarity);
bool parse_class(std::string_view name, std::uint32_t& metric_class);

}  // namespace ktstr
