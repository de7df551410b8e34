// SPDX-License-Identifier: Apache-2.0
//
// `ktstr perf-delta`: two sides, their numbers, a verdict. Where the numbers come from (stored_delta,
// measured_delta) and how they are told (delta_report) are files of their own.
#pragma once
#include <optional>
#include <string>

#include "compare/pairing.hpp"
#include "delta/judgement.hpp"
#include "delta/trend.hpp"
#include "plan/run_plan.hpp"
#include "session/commits.hpp"

namespace ktstr {

/// --axis NAME A B: stored sidecars of one commit, compared along something else than the commit.
struct AxisChoice {
  Axis axis = Axis::kKernel;
  std::string name, a, b;
};

struct PhaseView {
  bool hidden = false, only = false;  ///< --no-phases, --phases-only
  PhaseSelection selection;
};

struct PerfDeltaRequest {
  CommitChoice choice;
  std::string kernel;
  bool needs_kernel = true;  ///< false: tests run on the kernel of this machine
  Filter filter;
  Policy policy;                    ///< --threshold or --policy
  GatePolicy verdict;               ///< --fail-threshold, --must-fail
  std::optional<unsigned> repeats;  ///< --noise-adjust N; nothing: compare stored sidecars
  std::optional<AxisChoice> axis;
  double noise_spread_percent = 5;  ///< above it a row is marked as noisy; no more
  PlanOptions plan;
  unsigned confirm = 0;  ///< fresh pairs for scenarios that look suspect; 0: none
  bool sequential = false, reuse_baseline = false, resume = false;
  bool all_metrics = false, deterministic = false, cold = false;
  std::string baseline_directory;              ///< --dir: its runs are the baseline's; empty: the store's are
  std::optional<PluginChoice> baseline_store;  ///< --baseline-store
  bool require_baseline = false;               ///< none is a failure
  bool strict = false;                         ///< nothing may be missing, skipped or warned about
  PhaseView phases;
  unsigned jobs = 0;
  double least_sight = 0.5;  ///< share of the gating metrics that must have been able to show a change
  std::string
      kept_flags;  ///< what else was given and holds for repeated runs too, with a space before each flag
  std::string bisect_flags;  ///< of these, what `ktstr bisect` takes
};

/// Everything that is known when the numbers have been judged.
struct DeltaOutcome {
  Commits commits;
  ComparisonSet set;
  Judgement judgement;
  std::vector<std::string> notes, warnings;
  std::vector<Shortfall> shortfalls;  ///< that pairing does not know of
  bool baseline_is_known =
      true;            ///< false: that it has no performance test is no more than a pool without one
  Trends trends;       ///< of the findings, over runs of other sessions and commits
  json::object facts;  ///< of the measurement: plan, seed, order, what was saved
};

/// Two names of one kernel: nothing could differ.
Error one_kernel(const AxisChoice& axis, const std::string& kernel);

Result<ExitCode> run_perf_delta(const AppContext& context, const PerfDeltaRequest& request);

/// Compares what the store has (stored_delta.cpp).
Result<DeltaOutcome> stored_delta(const AppContext& context, const PerfDeltaRequest& request,
                                  const Commits& commits, Gates& gates);
/// Runs both sides and compares (measured_delta.cpp).
Result<DeltaOutcome> measured_delta(const AppContext& context, const PerfDeltaRequest& request,
                                    const Commits& commits, BaselinePort& baseline, Gates& gates);

}  // namespace ktstr
