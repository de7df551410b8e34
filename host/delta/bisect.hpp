// SPDX-License-Identifier: Apache-2.0
//
// `ktstr bisect`: which commit made a metric worse. Every step measures a commit against the good one as
// perf-delta would.
#pragma once
#include <string>
#include <vector>

#include "delta/judgement.hpp"
#include "plan/run_plan.hpp"
#include "select/filter.hpp"

namespace ktstr {

struct BisectRequest {
  std::string good, bad, kernel, metric;  ///< metric empty: any
  Filter filter;
  PlanOptions plan;
  unsigned repeats = 5, jobs = 0;
  bool deterministic = false, resume = false, strict = false;
};

/// In real time a step between the ends has the good commit's runs from earlier. Of fewer than this nobody
/// knows how much they vary, and no step could ever be judged.
inline constexpr unsigned kFewestBisectRuns = 3;

/// One commit of the range as it was judged.
struct BisectedCommit {
  std::string commit, label, summary, verdict;  ///< verdict: "good", "bad", "skipped"; empty: not measured
  std::string test, metric;                     ///< of the row that decided
  double baseline = 0, head = 0, relative = 0, p_value = 0;
  std::string note;
  bool could_not_run = false;  ///< skipped, and for want of something on this machine
};

struct BisectOutcome {
  std::vector<BisectedCommit> commits;  ///< of the range, oldest first
  std::string first_bad;                ///< empty when skipped commits leave several
  std::string show_first_bad;           ///< the command that shows what it changed; empty: nobody knows
  std::vector<std::string> suspects;    ///< the commits that it may be
  std::string strict;  ///< what --strict minds of the search: skipped commits, warnings; empty: nothing
};

Result<BisectOutcome> run_bisect(const AppContext& context, const BisectRequest& request);

}  // namespace ktstr
