// SPDX-License-Identifier: Apache-2.0
#include "monitor/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::kvm {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::size_t kFallback = monitor_counter("total_fallback"),
                      kDelay = monitor_counter("total_run_delay");

MonitorSample sample(std::uint64_t at_ms, double imbalance, std::uint64_t running, std::uint64_t queued,
                     std::uint64_t fallbacks) {
  MonitorSample one;
  one.at_ns = at_ms * 1'000'000;
  one.valid = true;
  one.cpus = 2;
  one.imbalance = imbalance;
  one.running = running;
  one.queued = queued;
  one.deepest = static_cast<std::uint32_t>(queued);
  one.scheduler = 1;
  one.counters[kFallback] = fallbacks;
  return one;
}

MonitorReport report() {
  MonitorReport all;
  all.samples = {sample(100, 2, 4, 0, 10), sample(200, 4, 8, 6, 15), sample(300, 3, 6, 0, 35)};
  all.samples[1].stuck = 2;
  all.samples.insert(all.samples.begin() + 1, MonitorSample{});
  all.samples[1].at_ns = 150'000'000;
  return all;
}

TEST(MonitorSummary, MeansAreOfValidSamplesAndTheirCpus) {
  const MonitorSummary all = summarize(report(), 0, 1'000'000'000);
  EXPECT_EQ(all.samples, 4U) << "the invalid one was taken, too";
  EXPECT_EQ(all.valid, 3U);
  EXPECT_DOUBLE_EQ(all.max_imbalance, 4);
  EXPECT_DOUBLE_EQ(all.avg_imbalance, 3);
  EXPECT_DOUBLE_EQ(all.avg_running, 3);
  EXPECT_EQ(all.deepest, 6U);
  EXPECT_DOUBLE_EQ(*all.avg_depth, 1);
  EXPECT_EQ(all.stuck, 2U);
  EXPECT_DOUBLE_EQ(all.seconds, 0.2);
  EXPECT_EQ(all.increases[kFallback], 25U);
  EXPECT_EQ(all.fallback_burst, 20U);
  EXPECT_FALSE(all.increases[kDelay]) << "absent, not zero";
}

TEST(MonitorSummary, AWindowHasItsOwnSamplesOnly) {
  const MonitorSummary phase = summarize(report(), 200'000'000, 300'000'000);
  EXPECT_EQ(phase.valid, 1U);
  EXPECT_THAT(monitor_metrics(phase),
              UnorderedElementsAre(Pair("max_imbalance_ratio", 4), Pair("avg_imbalance_ratio", 4),
                                   Pair("avg_nr_running", 4), Pair("max_dsq_depth", 6),
                                   Pair("avg_dsq_depth", 3), Pair("stuck_count", 2)));
  EXPECT_THAT(monitor_metrics(summarize(report(), 400'000'000, 500'000'000)), IsEmpty());
}

TEST(MonitorSummary, CountersOfAnotherSchedulerBeginAnew) {
  MonitorReport all = report();
  all.samples.back().scheduler = 2;
  EXPECT_EQ(summarize(all, 0, 1'000'000'000).increases[kFallback], 5U);
  all.samples.back().scheduler = 1;
  all.samples.back().counters[kFallback] = 3;
  EXPECT_EQ(summarize(all, 0, 1'000'000'000).increases[kFallback], 5U) << "never negative";
}

}  // namespace
}  // namespace ktstr::kvm
