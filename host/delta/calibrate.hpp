// SPDX-License-Identifier: Apache-2.0
//
// `ktstr calibrate`: HEAD against itself, to know the noise before trusting a verdict.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/judgement.hpp"
#include "noise/calibration.hpp"
#include "plan/run_plan.hpp"
#include "select/filter.hpp"

namespace ktstr {

struct CalibrateRequest {
  std::string kernel, policy_file;
  Filter filter;
  PlanOptions plan;
  GatePolicy verdict;
  unsigned repeats = 10, jobs = 0;
  bool resume = false, strict = false;
};

struct CalibrateOutcome {
  std::vector<MetricNoise> noise;
  std::vector<std::string> gates;
  std::size_t labelings = 0, flagged = 0,
              failed =
                  0;  ///< ways to call the sides; those with a regression; those that would fail the build
  std::uint64_t recommended_runs = 0;
  std::map<std::string, double> recommended_percent;
  std::vector<std::string> notes;
  std::string missing;  ///< what should have been measured and was not; empty: nothing
  std::string
      strict;  ///< what --strict minds besides: warnings, and what the rest could do without; empty: nothing
  std::optional<Error> policy_error;  ///< the policy file could not be written after all
};

/// Measures, judges every labeling and writes the policy file.
Result<CalibrateOutcome> run_calibrate(const AppContext& context, const CalibrateRequest& request);

}  // namespace ktstr
