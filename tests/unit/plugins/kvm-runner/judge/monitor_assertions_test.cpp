// SPDX-License-Identifier: Apache-2.0
#include "judge/monitor_assertions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/assertions.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Sampled {
  TestSpec test = samples::test();
  AgentResult result = samples::read(samples::result(), test);
  MonitorReport monitor;

  explicit Sampled(std::size_t count) {
    test.assertions = {};
    for (std::size_t i = 0; i < count; ++i) {
      MonitorSample sample;
      sample.at_ns = 5'050'000'000 + i * 100'000'000;
      sample.valid = true;
      sample.cpus = 2;
      sample.queued = 0;
      sample.scheduler = 1;
      sample.counters[monitor_counter("total_fallback")] = i * 30;
      monitor.samples.push_back(sample);
    }
  }
  void limit(std::string_view name, double value) { test.assertions.at(assertion_row(name)) = value; }
  Findings judge() {
    Findings findings;
    judge_assertions(test, *result.scenario, monitor, findings);
    return findings;
  }
};

TEST(MonitorAssertions, OnlyWhatLastsFails) {
  Sampled s(9);
  s.limit("max_imbalance_ratio", 4);
  for (const std::size_t i : {1U, 2U, 3U, 4U, 6U}) s.monitor.samples[i].imbalance = 5;
  EXPECT_THAT(s.judge().failures, IsEmpty());
  EXPECT_THAT(s.judge().doubts, IsEmpty());
  s.monitor.samples[5].imbalance = 4.5;
  EXPECT_THAT(s.judge().failures,
              ElementsAre("the longest run queue was 4.5 times the shortest, limit 4.0, in 5 samples in a "
                          "row, up to sample 6 of 9 (max_imbalance_ratio)"));
  s.limit("sustained_samples", 7);
  EXPECT_THAT(s.judge().failures, IsEmpty());
}

TEST(MonitorAssertions, DepthClocksAndRates) {
  Sampled s(6);
  s.limit("sustained_samples", 2);
  s.limit("max_local_dsq_depth", 50);
  s.limit("fail_on_rq_clock_stuck", 1);
  s.limit("max_fallback_rate", 299);
  for (const std::size_t i : {3U, 4U}) {
    s.monitor.samples[i].deepest = 51;
    s.monitor.samples[i].deepest_cpu = 1;
    s.monitor.samples[i].stuck = 1;
  }
  EXPECT_THAT(
      s.judge().failures,
      ElementsAre(
          "the local dispatch queue of CPU 1 held 51 tasks, limit 50, in 2 samples in a row, up to sample 5 "
          "of 6 (max_local_dsq_depth)",
          "the run-queue clock of CPU 0 stood still in 2 samples in a row, up to sample 5 of 6 "
          "(fail_on_rq_clock_stuck)",
          "sched_ext chose a CPU in the scheduler's place 300.0 times per second, limit 299.0, in 2 samples "
          "in a row, up to sample 3 of 6 (max_fallback_rate)"));
  s.limit("max_local_dsq_depth", 51);
  s.limit("max_fallback_rate", 300);
  s.monitor.samples[3].stuck = 0;
  EXPECT_THAT(s.judge().failures, IsEmpty());
}

TEST(MonitorAssertions, WithoutEnoughDataTheyAreDoubtful) {
  Sampled few(4);
  few.limit("max_imbalance_ratio", 4);
  few.limit("max_keep_last_rate", 100);
  EXPECT_THAT(
      few.judge().doubts,
      ElementsAre(
          "max_imbalance_ratio cannot be judged: 4 of 4 samples have what it takes, and 5 are needed",
          "max_keep_last_rate cannot be judged: 0 of 4 samples have what it takes, and 5 are needed"));
  Sampled none(0);
  none.monitor.reason = "the agent left no map of the kernel";
  none.limit("fail_on_rq_clock_stuck", 1);
  EXPECT_THAT(none.judge().doubts,
              ElementsAre("fail_on_rq_clock_stuck cannot be judged: the agent left no map of the kernel"));
  EXPECT_THAT(none.judge().failures, IsEmpty());
}

TEST(MonitorAssertions, SamplesOutsideOfTheScenarioDoNotCount) {
  Sampled s(5);
  s.limit("max_imbalance_ratio", 4);
  for (MonitorSample& sample : s.monitor.samples) sample.imbalance = 9;
  s.monitor.samples[0].at_ns = 4'999'999'999;
  EXPECT_THAT(s.judge().failures, IsEmpty());
  s.monitor.samples[0].at_ns = 5'000'000'000;
  s.monitor.samples[4].valid = false;
  EXPECT_THAT(s.judge().failures, IsEmpty());
}

}  // namespace
}  // namespace ktstr::kvm
