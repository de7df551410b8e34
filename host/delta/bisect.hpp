// SPDX-License-Identifier: Apache-2.0
//
// `ktstr bisect`: which commit, or which kernel, made a metric worse or a test fail. Every step measures one
// place of the line against its good end as perf-delta would.
#pragma once
#include <ktstr/kit/stats.hpp>
#include <string>
#include <vector>

#include "delta/judgement.hpp"
#include "plan/run_plan.hpp"
#include "select/filter.hpp"

namespace ktstr {

struct BisectRequest {
  /// Commits of the project, or of `kernel_git`; both empty: kernels are searched by their versions.
  std::string good, bad;
  std::vector<std::string> kernels;      ///< what runs; where kernels are searched, all of them
  std::string kernel_git, kernel_build;  ///< a tree of Linux whose commits are searched, and what builds one
  std::string metric;                    ///< empty: any
  Filter filter;
  PlanOptions plan;
  unsigned repeats = 5, jobs = 0;
  bool fetch = false;  ///< Debian's kernels of the ranges too, got when it is their turn
  bool deterministic = false, resume = false, strict = false;

  bool of_kernels() const { return !kernel_git.empty() || (good.empty() && bad.empty()); }
};

/// In real time a step between the ends has the good one's runs from earlier. Of fewer than this nobody
/// knows how much they vary, and no step could ever be judged.
inline constexpr unsigned kFewestBisectRuns = 3;

/// One place of the line as it was judged.
struct Bisected {
  std::string id;  ///< a commit, or a kernel as runs have it: "6.18.15"
  std::string label, summary;
  std::string verdict;       ///< "good", "bad", "skipped"; empty: not measured
  std::string test, metric;  ///< of the row that decided
  double baseline = kit::kNaN, head = kit::kNaN, relative = kit::kNaN, p_value = kit::kNaN;
  std::string note;
  bool could_not_run = false;  ///< skipped, and for want of something on this machine
};

struct BisectOutcome {
  bool of_kernels = false, by_version = false;  ///< what the line is made of
  std::vector<Bisected> line;                   ///< oldest first
  std::string first_bad;                        ///< id; empty when skipped ones leave several
  std::string show_first_bad;         ///< the command that shows what it changed; empty: nobody knows
  std::vector<std::string> suspects;  ///< ids that it may be
  std::string strict;  ///< what --strict minds of the search: what was skipped, warnings; empty: nothing
};

Result<BisectOutcome> run_bisect(const AppContext& context, const BisectRequest& request);

}  // namespace ktstr
