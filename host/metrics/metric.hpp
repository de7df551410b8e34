// SPDX-License-Identifier: Apache-2.0
//
// One metric as data: what it is, how it is judged, and where a sidecar has it.
#pragma once
#include <ktstr/abi/gate.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

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

/// What has to happen in a cgroup before a figure says anything.
enum class Happening { kAlways, kIterations, kWakeups, kTimers };

/// The same of one cgroup, where the metric of the whole run is the worst cgroup's.
struct CgroupFigure {
  std::string_view name;  ///< behind the slash of CGROUP/NAME; empty: there is none
  std::string_view key;   ///< in stats.cgroups[]; with spaces: computed from others
  Happening needs = Happening::kAlways;
  std::string_view description;
};

struct Metric {
  enum Flag : unsigned {
    kAvailable = 1,   ///< the shipped runner measures it
    kZeroAbsent = 2,  ///< writers use 0 for "not measured"
    kComponent = 4,   ///< of a rate: not shown, not judged
    kWhole = 8,       ///< sidecars hold whole numbers, which neither class nor unit tells
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
  /// Metrics that a rate is made of, or that another ratio sets against each other.
  std::string_view numerator = {}, denominator = {};
  CgroupFigure cgroup = {};

  /// For rows of the table.
  constexpr Metric over(std::string_view above, std::string_view below) const {
    Metric row = *this;
    row.numerator = above;
    row.denominator = below;
    return row;
  }
  constexpr Metric in_cgroup(std::string_view figure, std::string_view key, Happening needs,
                             std::string_view meaning) const {
    Metric row = *this;
    row.cgroup = {figure, key, needs, meaning};
    return row;
  }

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
  /// Whether sidecars have whole numbers there.
  bool is_whole() const { return has(kWhole) || resolution() >= 1; }
  /// The path in words that people and programs can follow.
  std::string sidecar_path() const;
};

std::span<const Metric> builtin_metrics();  // metric_table.cpp

}  // namespace ktstr
