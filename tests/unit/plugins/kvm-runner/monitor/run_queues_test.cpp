// SPDX-License-Identifier: Apache-2.0
#include "monitor/run_queues.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synthetic_guest.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::HasSubstr;
using testing::SyntheticGuest;

struct Queues : ::testing::Test {
  SyntheticGuest guest{2};
  GuestRam ram{guest.memory()};
  std::string problem;

  Reading read() {
    const std::optional<RunQueues> queues = RunQueues::find(ram, guest.map(), 2, problem);
    EXPECT_TRUE(queues) << problem;
    return queues ? queues->read() : Reading{};
  }
  std::string lack() {
    EXPECT_FALSE(RunQueues::find(ram, guest.map(), 2, problem));
    return problem;
  }
};

TEST_F(Queues, AreReadWhereTheMapSays) {
  guest.set_queue(1, 5, 3, 2'000'000);
  guest.run(1, SyntheticGuest::kTask);
  const Reading reading = read();
  ASSERT_TRUE(reading.readable);
  ASSERT_EQ(reading.cpus.size(), 2U);
  EXPECT_TRUE(reading.cpus[0]->idle);
  EXPECT_EQ(reading.cpus[0]->nr_running, 0U);
  EXPECT_FALSE(reading.cpus[1]->idle);
  EXPECT_EQ(reading.cpus[1]->nr_running, 5U);
  EXPECT_EQ(reading.cpus[1]->local_dsq, 3U);
  EXPECT_EQ(reading.cpus[1]->clock, 2'000'000U);
}

TEST_F(Queues, TheAgentDoesNotCount) {
  guest.set_queue(0, 4, 1, 1);
  guest.run(0, SyntheticGuest::kAgentTask);
  guest.set_queue(1, 1, 0, 1);
  guest.run(1, SyntheticGuest::kAgentTask);
  const Reading reading = read();
  EXPECT_EQ(reading.cpus[0]->nr_running, 3U);
  EXPECT_EQ(reading.cpus[0]->local_dsq, 0U);
  EXPECT_FALSE(reading.cpus[0]->idle);
  EXPECT_EQ(reading.cpus[1]->nr_running, 0U);
  EXPECT_TRUE(reading.cpus[1]->idle);
}

TEST_F(Queues, CpusThatAreOfflineHaveNone) {
  guest.put<std::uint32_t>(SyntheticGuest::queue(1) + guest.field("rq", "online"), 0);
  const Reading reading = read();
  EXPECT_TRUE(reading.readable);
  EXPECT_FALSE(reading.cpus[1]);
}

TEST_F(Queues, WhatThisKernelDoesNotHaveIsAbsentAndNotZero) {
  guest.map().fields[monitor_field("rq", "scx")] = kNoField;
  guest.map().fields[monitor_field("rq", "rq_sched_info")] = kNoField;
  const Reading reading = read();
  EXPECT_TRUE(reading.readable);
  EXPECT_FALSE(reading.cpus[0]->local_dsq);
  EXPECT_FALSE(reading.counters[monitor_counter("total_run_delay")]);
  EXPECT_FALSE(reading.counters[monitor_counter("total_fallback")]) << "no scheduler is in force";
  EXPECT_EQ(reading.counters[monitor_counter("total_sched_count")], 0U);
}

TEST_F(Queues, CountersOfASchedulerAreSummedOverCpusWhereverTheKernelKeepsThem) {
  guest.attach_scheduler(0, 40);
  guest.attach_scheduler(1, 2);
  EXPECT_EQ(read().counters[monitor_counter("total_fallback")], 42U);
  EXPECT_EQ(read().scheduler, testing::kDirectMap + SyntheticGuest::kScheduler);
  // Linux 6.16: the scheduler points to the counters themselves.
  const std::uint64_t within = guest.field("scx_sched_pcpu", "event_stats");
  guest.map().fields[monitor_field("scx_sched", "pcpu")] = kNoField;
  guest.put<std::uint64_t>(SyntheticGuest::kScheduler + guest.field("scx_sched", "event_stats_cpu"),
                           0x1000 + SyntheticGuest::kStatsOffset + within);
  EXPECT_EQ(read().counters[monitor_counter("total_fallback")], 42U);
  // Linux 6.15: the kernel's own.
  guest.symbol("scx_root", kNoSymbol);
  guest.symbol("event_stats_cpu", 0x1000 + SyntheticGuest::kStatsOffset + within);
  EXPECT_EQ(read().counters[monitor_counter("total_fallback")], 42U);
}

TEST_F(Queues, AnAddressThatLeadsNowhereMakesTheReadingInvalid) {
  guest.put<std::uint64_t>(SyntheticGuest::queue(1) + guest.field("rq", "curr"), 0x1234'5678'9abc'def0);
  EXPECT_FALSE(read().readable);
}

TEST_F(Queues, AMapThatIsNoUseSaysWhy) {
  const MonitorMap whole = guest.map();
  guest.map().fields[monitor_field("rq", "clock")] = kNoField;
  EXPECT_EQ(lack(), "the kernel's type information (CONFIG_DEBUG_INFO_BTF) lacks rq.clock");
  guest.map() = whole;
  guest.symbol("runqueues", kNoSymbol);
  EXPECT_THAT(lack(), HasSubstr("runqueues is (CONFIG_KALLSYMS_ALL)"));
  guest.map() = whole;
  guest.symbol("__per_cpu_offset", 42);
  EXPECT_EQ(lack(), "the kernel's per-CPU data are not where it says");
  guest.map() = {};
  EXPECT_EQ(lack(), "the agent left no map of the kernel");
}

}  // namespace
}  // namespace ktstr::kvm
