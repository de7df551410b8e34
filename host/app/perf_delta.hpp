// SPDX-License-Identifier: Apache-2.0
//
// `ktstr perf-delta`: two commits, their numbers, a verdict. Where the numbers come from (sides_cached, sides_measured) and how they
// are judged (judgement) are files of their own.
#pragma once
#include <optional>
#include <string>

#include "app/context.hpp"
#include "core/verdict.hpp"

namespace ktstr {

struct PerfDeltaRequest {
  std::string base, base_ref, default_branch;  ///< empty: not given
  std::string kernel;
  std::string filter;             ///< part of a test's name, or a glob
  double threshold_percent = -1;  ///< --threshold; negative: each metric's own gate
  std::optional<unsigned> repeats;  ///< --noise-adjust N; nothing: compare stored sidecars
  GatePolicy policy;
  bool all_metrics = false, deterministic = false, cold = false;
  std::uint64_t seed = 1;
  unsigned jobs = 0;
};

Result<ExitCode> run_perf_delta(const AppContext& context, const PerfDeltaRequest& request);

}  // namespace ktstr
