// SPDX-License-Identifier: Apache-2.0
#include "monitor/sample.hpp"

#include <gtest/gtest.h>

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

CpuReading cpu(std::uint32_t running, std::optional<std::uint32_t> local, std::uint64_t clock,
               std::uint64_t ran) {
  return {running == 0, running, local, clock, ran, 0, {}};
}

Reading reading(std::vector<std::optional<CpuReading>> cpus, std::uint64_t at_ns = 5) {
  Reading one;
  one.at_ns = at_ns;
  one.cpus = std::move(cpus);
  return one;
}

TEST(MonitorSample, ImbalanceIsTheLongestQueueOverTheShortest) {
  const MonitorSample sample = reduce(nullptr, reading({cpu(6, 1, 1, 0), cpu(2, 4, 1, 0), std::nullopt}));
  EXPECT_TRUE(sample.valid);
  EXPECT_EQ(sample.at_ns, 5U);
  EXPECT_EQ(sample.cpus, 2U);
  EXPECT_DOUBLE_EQ(sample.imbalance, 3);
  EXPECT_EQ(sample.running, 8U);
  EXPECT_EQ(sample.queued, 5U);
  EXPECT_EQ(sample.deepest, 4U);
  EXPECT_EQ(sample.deepest_cpu, 1U);
  EXPECT_DOUBLE_EQ(reduce(nullptr, reading({cpu(3, 0, 1, 0), cpu(0, 0, 1, 0)})).imbalance, 3)
      << "the shortest is 1 at least";
  EXPECT_DOUBLE_EQ(reduce(nullptr, reading({cpu(0, 0, 1, 0), cpu(0, 0, 1, 0)})).imbalance, 1);
  EXPECT_FALSE(reduce(nullptr, reading({cpu(1, std::nullopt, 1, 0)})).queued) << "absent, not zero";
}

TEST(MonitorSample, WhatCannotBeARunQueueIsInvalid) {
  EXPECT_TRUE(reduce(nullptr, reading({cpu(10'000, 10'000, 1, 0)})).valid);
  EXPECT_FALSE(reduce(nullptr, reading({cpu(10'001, 0, 1, 0)})).valid);
  EXPECT_FALSE(reduce(nullptr, reading({cpu(1, 10'001, 1, 0)})).valid);
  EXPECT_FALSE(reduce(nullptr, reading({cpu(1, 0, 0, 0)})).valid) << "no clock yet";
  EXPECT_FALSE(reduce(nullptr, reading({std::nullopt})).valid) << "no CPU";
  Reading unreadable = reading({cpu(1, 0, 1, 0)});
  unreadable.readable = false;
  EXPECT_FALSE(reduce(nullptr, unreadable).valid);
}

TEST(MonitorSample, ATimeThatDoesNotGoOnIsInvalid) {
  const Reading last = reading({cpu(1, 0, 1, 0)}, 100);
  EXPECT_TRUE(reduce(&last, reading({cpu(1, 0, 2, 0)}, 101)).valid);
  EXPECT_FALSE(reduce(&last, reading({cpu(1, 0, 2, 0)}, 100)).valid);
  EXPECT_FALSE(reduce(&last, reading({cpu(1, 0, 2, 0)}, 50)).valid);
  EXPECT_FALSE(reduce(&last, reading({cpu(1, 0, 3, 0)}, 60)).valid) << "later than the one that was set back";
}

TEST(MonitorSample, ABusyCpuWhoseClockStandsStillIsStuckIfItHadTheTime) {
  const Reading before = reading({cpu(1, 0, 1, 0), cpu(2, 0, 7, 0)});
  const auto stuck = [&](const CpuReading& second) {
    return reduce(&before, reading({cpu(1, 0, 2, 100 * kMs), second})).stuck;
  };
  EXPECT_EQ(stuck(cpu(2, 0, 7, 40 * kMs)), 1U);
  EXPECT_EQ(reduce(&before, reading({cpu(1, 0, 2, 100 * kMs), cpu(2, 0, 7, 40 * kMs)})).stuck_cpu, 1U);
  EXPECT_EQ(stuck(cpu(2, 0, 8, 40 * kMs)), 0U) << "its clock moved";
  EXPECT_EQ(stuck(cpu(0, 0, 7, 40 * kMs)), 0U) << "it is idle";
  EXPECT_EQ(stuck(cpu(2, 0, 7, 39 * kMs)), 0U) << "the host kept it from running";
  CpuReading unknown = cpu(2, 0, 7, 0);
  unknown.ran_ns.reset();
  EXPECT_EQ(stuck(unknown), 0U);
}

}  // namespace
}  // namespace ktstr::kvm
