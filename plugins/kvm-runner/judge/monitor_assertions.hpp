// SPDX-License-Identifier: Apache-2.0
//
// Assertions on what the run queues looked like. One sample is an instant, so only what many samples in a row
// show is held against a scheduler; without enough of them nothing is, and the test is inconclusive.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "judge/findings.hpp"
#include "manifest/test_spec.hpp"
#include "monitor/sample.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// What such an assertion is judged by.
struct SampleTerms {
  std::vector<MonitorSample> samples;  ///< valid ones of the scenario
  std::string reason;                  ///< why there are none, if that is known
  std::size_t sustained = 0;           ///< so many in a row are needed
};
SampleTerms sample_terms(const TestSpec& test, const ScenarioReport& scenario, const MonitorReport& monitor);

void judge_imbalance(const SampleTerms& terms, double limit, Findings& findings);
void judge_queue_depth(const SampleTerms& terms, double limit, Findings& findings);
void judge_stuck_clocks(const SampleTerms& terms, double, Findings& findings);
void judge_fallback_rate(const SampleTerms& terms, double limit, Findings& findings);
void judge_keep_last_rate(const SampleTerms& terms, double limit, Findings& findings);

}  // namespace ktstr::kvm
