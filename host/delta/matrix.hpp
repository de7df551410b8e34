// SPDX-License-Identifier: Apache-2.0
//
// `ktstr matrix`: the tree's tests on several kernels, and under several schedulers if asked, in one table
// with every step between neighbours judged as perf-delta would. Each kernel is a session of its own in the
// store, so that what is there for the same inputs is not measured again.
#pragma once
#include <string>
#include <vector>

#include "delta/matrix_table.hpp"
#include "plan/run_plan.hpp"
#include "select/filter.hpp"

namespace ktstr {

struct MatrixRequest {
  std::vector<std::string> tests;       ///< parts of names, or globs; none: all
  std::string expression;               ///< -E; empty: none
  std::vector<std::string> kernels;     ///< --kernel, as ktstr test takes it
  std::vector<std::string> schedulers;  ///< --scheduler; none: kernels alone are the columns
  std::vector<std::string> metrics;     ///< --metric; none: all that gate
  PlanOptions plan;
  GatePolicy verdict;
  unsigned repeats = 3, jobs = 0;  ///< runs of each side
  bool deterministic = false, fresh = false, strict = false;
};

struct MatrixOutcome {
  MatrixTable table;
  std::string commit;                 ///< label of the tree
  std::vector<std::string> gates;     ///< names
  std::vector<std::string> warnings;  ///< one line each
  std::string sentence;               ///< printable: what it came to
  ExitCode code = ExitCode::kInconclusive;
};

/// What selects the tests of any of `names` that `expression` and `schedulers` let through.
Result<Filter> matrix_filter(const MatrixRequest& request);

/// What is wrong ends in the table where it concerns one kernel, and is an error where it concerns all.
Result<MatrixOutcome> run_matrix(const AppContext& context, const MatrixRequest& request);

}  // namespace ktstr
