// SPDX-License-Identifier: Apache-2.0
//
// The tables of expectations: what a test may demand of its course, of figures of phases and snapshots, and
// of series over time. The manifest's reader, its schema and docs/tests.md are made from them; what each
// means is a function of judge/expectations.cpp. A new one is a row and a function.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace ktstr::kvm {

enum class ExpectationFieldKind : std::uint8_t { kFigure, kSeries, kPlace, kNumber, kMilliseconds };

struct ExpectationField {
  std::string_view name;
  ExpectationFieldKind kind;
  std::string_view description;
};

inline constexpr auto kExpectationFields = [] {
  using enum ExpectationFieldKind;
  return std::to_array<ExpectationField>({
      {"value", kFigure,
       "figure of a phase (a metric, or CGROUP/metric) or of a snapshot (a counter, CGROUP/figure, a "
       "variable, "
       "map[key])"},
      {"series", kSeries, "what was sampled of the run queues"},
      {"at", kPlace, "the phase or snapshot whose figure it is; of a series: the phase that is looked at"},
      {"than", kPlace, "the phase or snapshot that it is divided by"},
      {"min", kNumber, "lowest that is right"},
      {"max", kNumber, "highest that is right"},
      {"within_ms", kMilliseconds, "time that it may take"},
      {"for_ms", kMilliseconds, "how long it may last; 0: not for one sample"},
  });
}();

constexpr std::size_t expectation_field(std::string_view name) {
  std::size_t i = 0;
  while (i < kExpectationFields.size() && kExpectationFields[i].name != name) ++i;
  return i;
}

struct ExpectationType {
  std::string_view name;
  std::string_view description;
  std::span<const std::string_view> required;
  std::span<const std::string_view> optional;
  bool needs_limit = false;  ///< "min", "max", or both
};

namespace expectation_fields {
inline constexpr std::array<std::string_view, 2> kFigureAt = {"value", "at"}, kLimits = {"min", "max"},
                                                 kSettles = {"series", "within_ms"},
                                                 kNeverAbove = {"series", "max"}, kLasting = {"for_ms", "at"};
inline constexpr std::array<std::string_view, 3> kFigureThan = {"value", "at", "than"},
                                                 kLimitsAt = {"min", "max", "at"};
inline constexpr std::array<std::string_view, 1> kFigure = {"value"}, kSeries = {"series"}, kAt = {"at"};
}  // namespace expectation_fields

inline constexpr auto kExpectationTypes = [] {
  namespace f = expectation_fields;
  return std::to_array<ExpectationType>({
      {"between", "a figure of one phase or snapshot lies between min and max", f::kFigureAt, f::kLimits,
       true},
      {"ratio", "a figure of one phase or snapshot, divided by that of another, lies between min and max",
       f::kFigureThan, f::kLimits, true},
      {"grows", "a figure never falls from one phase, or snapshot, to the next that has it", f::kFigure, {}},
      {"non_decreasing", "a series never falls from one sample to the next", f::kSeries, f::kAt},
      {"settles", "a series comes between min and max in time and stays there until the end", f::kSettles,
       f::kLimitsAt, true},
      {"never_above", "a series is not above max for longer than for_ms", f::kNeverAbove, f::kLasting},
  });
}();

struct SeriesType {
  std::string_view name;
  std::string_view description;
};

/// Of the monitor's samples (docs/monitor.md).
inline constexpr auto kSeriesTypes = std::to_array<SeriesType>({
    {"nr_running", "tasks on all run queues, those that run among them"},
    {"idle_cpus", "CPUs that run their idle task"},
    {"imbalance", "longest run queue over the shortest (at least 1)"},
    {"local_dsq_depth", "tasks in the deepest local dispatch queue of sched_ext"},
    {"rq_clock_ns", "clock of the run queue that is furthest behind"},
});

}  // namespace ktstr::kvm
