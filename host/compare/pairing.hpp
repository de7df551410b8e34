// SPDX-License-Identifier: Apache-2.0
//
// From two sides' sidecars to comparisons that gates can judge. Pure; the same rules whether the numbers are
// stored or fresh.
#pragma once
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compare/comparison.hpp"
#include "compare/failure_rate.hpp"
#include "compare/missing.hpp"
#include "compare/payload_metrics.hpp"
#include "compare/phases.hpp"
#include "compare/starvation.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

/// What differs between the sides. Everything else must be equal for a pair.
enum class Axis { kCommit, kKernel, kScheduler, kTopology };

struct ComparisonOptions {
  bool cached = true;
  bool alternating = true;  ///< false: fresh runs, but of one side first and of the other later
  const MetricRegistry* metrics = nullptr;  ///< null: the built-in ones
  Policy policy;
  Filter filter;
  bool declared = false;  ///< let tests' declared gates speak
  Axis axis = Axis::kCommit;
  std::string axis_text;  ///< what a pair shows for the dimension in which its sides differ: "6.14 -> 6.18"
  std::string axis_values[2];  ///< that dimension's value on the baseline and on HEAD
  std::vector<RunManifest> baseline_runs,
      head_runs;  ///< what the sides' invocations meant to measure; none: nobody knows
};

/// How the runs of one scenario ended.
struct ScenarioRuns {
  ScenarioKey key;
  PassCount baseline, head;  ///< total 0: the side does not have the scenario
};

struct ComparisonSet {
  /// What comparisons of metrics that only sidecars declare refer to; before them, so that it goes after
  /// them.
  std::shared_ptr<const WithPayloadMetrics> payload_metrics;
  std::vector<std::unique_ptr<MetricComparison>> metrics;  ///< sorted by scenario, then in registry order
  std::vector<ScenarioRuns> runs;                          ///< of every scenario, by key
  std::vector<PhaseRow> phases;
  std::vector<StarvedCgroup> starved;              ///< whose workers completed nothing, on either side
  std::uint64_t scenarios = 0;                     ///< present on both sides
  std::uint64_t only_head = 0, only_baseline = 0;  ///< "new" and "removed": the other side has no such test
  std::uint64_t uncovered = 0;                     ///< metrics that one side alone reported
  std::uint64_t same_scheduler = 0,
                same_program =
                    0;  ///< compared scenarios with one scheduler program on both sides; and one manifest
  std::uint64_t other_start = 0;                   ///< see Sameness
  std::uint64_t excluded = 0;                      ///< scenarios with a side of which no run passed
  std::uint64_t baseline_runs = 0, head_runs = 0;  ///< sidecars that contributed
  std::uint64_t baseline_seen = 0, head_seen = 0;  ///< performance sidecars of each side, passed or not
  bool baseline_has_tests = false,
       head_has_tests = false;                      ///< performance tests, selected by the filter or not
  std::set<std::string, std::less<>> head_metrics;  ///< that some compared scenario of HEAD reports
  std::vector<Shortfall> shortfalls;                ///< what should have been compared and was not
  std::vector<HostDifference> host;                 ///< what differs between the sides' machines
  std::vector<std::string> notes;     ///< one line each: what was left out, what is not comparable
  std::vector<std::string> warnings;  ///< one line each: what makes the comparison weaker than it looks
};

/// Pairs the performance-mode sidecars of two sides. Runs that did not pass contribute no numbers; the
/// passing ones of a scenario are compared even when others failed.
ComparisonSet compare_sides(const std::vector<SidecarRecord>& baseline,
                            const std::vector<SidecarRecord>& head, const ComparisonOptions& options);

/// Of a metric of --must-fail something must be said: what one side lacks of it hinders, and so does a metric
/// that HEAD reports nowhere.
void require_values(const ComparisonSet& set, const std::vector<std::string>& must_fail,
                    std::vector<Shortfall>& shortfalls);

}  // namespace ktstr
