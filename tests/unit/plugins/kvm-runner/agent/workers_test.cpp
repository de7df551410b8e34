// SPDX-License-Identifier: Apache-2.0
#include "agent/workers.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace ktstr::agent {
namespace {

TEST(WorkerName, HasTheCgroupAndFitsATask) {
  EXPECT_EQ(worker_name("web", 3), "web/3");
  EXPECT_EQ(worker_name("a_cgroup_of_hogs", 12), "a_cgroup_of_/12");
  EXPECT_EQ(worker_name("a_cgroup_of_hogs", 12).size(), 15U);
}

// A worker that comes late to the gate has waited since it opened: that is no time before the scenario.
TEST(Telemetry, WhoBeginsLateWasKeptFromRunning) {
  WorkerReport report;
  Random random(1);
  const std::atomic<std::uint32_t> pauses{0};
  Telemetry telemetry(report, {}, 0, random, pauses);
  const std::uint64_t start_ns = now_ns() - 40 * kMillisecond;
  telemetry.arrive();
  telemetry.begin(start_ns - kMillisecond, start_ns);
  EXPECT_EQ(report.start_ns, start_ns);
  EXPECT_GE(report.numbers.max_gap_ns, 40 * kMillisecond);
  EXPECT_GE(report.last_seen_ns, start_ns + 40 * kMillisecond);
  telemetry.finish();
  EXPECT_GE(report.numbers.wall_time_ns, 40 * kMillisecond);
  EXPECT_TRUE(report.completed.load());
}

// What keeps it from running on purpose is no gap of it.
TEST(Telemetry, APauseIsNoGap) {
  WorkerReport report;
  Random random(1);
  std::atomic<std::uint32_t> pauses{0};
  Telemetry telemetry(report, {}, 0, random, pauses);
  telemetry.arrive();
  telemetry.begin(now_ns(), now_ns());
  const std::uint64_t before = report.numbers.max_gap_ns, end = now_ns() + 40 * kMillisecond;
  while (now_ns() < end) {
  }
  ++pauses;
  telemetry.checkpoint();
  EXPECT_EQ(report.numbers.max_gap_ns, before);
}

TEST(Telemetry, ADistributionKeepsAsManySamplesAsThereIsRoomFor) {
  WorkerReport report;
  Random random(1);
  const std::atomic<std::uint32_t> pauses{0};
  std::array<std::uint64_t, 4> first{}, second{};
  const auto histograms = std::make_unique<std::array<kvm::Histogram, 2>>();
  Telemetry telemetry(
      report, {SampleRoom{first.data(), &(*histograms)[0]}, SampleRoom{second.data(), &(*histograms)[1]}}, 4,
      random, pauses);
  for (std::uint64_t i = 0; i < 100; ++i) telemetry.sample(0, 1000);
  for (std::uint64_t i = 0; i < 3; ++i) telemetry.sample(1, 7);
  EXPECT_EQ(report.samples[0].seen, 100U);
  EXPECT_EQ(report.samples[0].kept, 4U);
  EXPECT_EQ(report.samples[1].kept, 3U);
  EXPECT_EQ(first, (std::array<std::uint64_t, 4>{1000, 1000, 1000, 1000}));
  EXPECT_EQ(second, (std::array<std::uint64_t, 4>{7, 7, 7, 0}));
  EXPECT_EQ((*histograms)[0][kvm::bucket_of(1000)], 100U) << "all of them";
}

// A signal may end the sleep before the start: nothing was waited for then.
TEST(Telemetry, WhoIsStoppedBeforeItsStartHasNoTime) {
  WorkerReport report;
  Random random(1);
  const std::atomic<std::uint32_t> pauses{0};
  Telemetry telemetry(report, {}, 0, random, pauses);
  telemetry.arrive();
  const std::uint64_t now = now_ns();
  telemetry.begin(now, now + 60'000 * kMillisecond);
  telemetry.finish();
  EXPECT_EQ(report.numbers.max_gap_ns, 0U);
  EXPECT_EQ(report.numbers.wall_time_ns, 0U);
}

TEST(RunDelay, IsReadOfAnyTaskAndNothingOfNone) {
  EXPECT_GT(read_run_delay("self").turns, 0U);
  EXPECT_EQ(read_run_delay("0").turns, 0U);
}

}  // namespace
}  // namespace ktstr::agent
