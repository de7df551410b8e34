// SPDX-License-Identifier: Apache-2.0
#include "agent/workers.hpp"

#include <gtest/gtest.h>

namespace ktstr::agent {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

TEST(WorkerName, HasTheCgroupAndFitsATask) {
  EXPECT_EQ(worker_name("web", 3), "web/3");
  EXPECT_EQ(worker_name("a_cgroup_of_hogs", 12), "a_cgroup_of_/12");
  EXPECT_EQ(worker_name("a_cgroup_of_hogs", 12).size(), 15U);
}

// A worker that comes late to the gate has waited since it opened: that is no time before the scenario.
TEST(Telemetry, WhoBeginsLateWasKeptFromRunning) {
  WorkerReport report;
  Random random(1);
  Telemetry telemetry(report, nullptr, 0, random);
  const std::uint64_t start_ns = now_ns() - 40 * kMillisecond;
  telemetry.arrive();
  telemetry.begin(start_ns - kMillisecond, start_ns);
  EXPECT_EQ(report.start_ns, start_ns);
  EXPECT_GE(report.max_gap_ns, 40 * kMillisecond);
  EXPECT_GE(report.last_seen_ns, start_ns + 40 * kMillisecond);
  telemetry.finish();
  EXPECT_GE(report.wall_time_ns, 40 * kMillisecond);
  EXPECT_TRUE(report.completed.load());
}

// A signal may end the sleep before the start: nothing was waited for then.
TEST(Telemetry, WhoIsStoppedBeforeItsStartHasNoTime) {
  WorkerReport report;
  Random random(1);
  Telemetry telemetry(report, nullptr, 0, random);
  telemetry.arrive();
  const std::uint64_t now = now_ns();
  telemetry.begin(now, now + 60'000 * kMillisecond);
  telemetry.finish();
  EXPECT_EQ(report.max_gap_ns, 0U);
  EXPECT_EQ(report.wall_time_ns, 0U);
}

TEST(RunDelay, IsReadOfAnyTaskAndNothingOfNone) {
  EXPECT_GT(read_run_delay("self").turns, 0U);
  EXPECT_EQ(read_run_delay("0").turns, 0U);
}

}  // namespace
}  // namespace ktstr::agent
