// SPDX-License-Identifier: Apache-2.0
#include "runner/side_by_side.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kMiB = 1U << 20U;

/// Runs all loads on real threads and gives back the highest sums ever seen.
struct Peak {
  std::uint64_t tests = 0, cores = 0, memory = 0;
};
Peak run(const std::vector<Load>& loads, Capacity capacity) {
  SideBySide plan(loads, capacity);
  std::mutex mutex;
  Peak now, peak;
  std::size_t done = 0;
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 0; i < plan.threads(); ++i) {
      pool.emplace_back([&] {
        while (const auto index = plan.take()) {
          {
            const std::lock_guard lock(mutex);
            now.tests += 1, now.cores += loads[*index].cores, now.memory += loads[*index].memory_bytes;
            peak = {std::max(peak.tests, now.tests), std::max(peak.cores, now.cores),
                    std::max(peak.memory, now.memory)};
          }
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          {
            const std::lock_guard lock(mutex);
            now.tests -= 1, now.cores -= loads[*index].cores, now.memory -= loads[*index].memory_bytes;
            ++done;
          }
          plan.give_back(*index);
        }
      });
    }
  }
  EXPECT_EQ(done, loads.size());
  return peak;
}

TEST(SideBySide, StaysWithinCoresAndMemory) {
  const Peak cores = run(std::vector<Load>(12, Load{2, kMiB, false}), {4, 100 * kMiB, 0});
  EXPECT_LE(cores.cores, 4U);
  const Peak memory = run(std::vector<Load>(12, Load{1, 40 * kMiB, false}), {8, 100 * kMiB, 0});
  EXPECT_LE(memory.memory, 100 * kMiB);
}

TEST(SideBySide, WhatFitsNowhereRunsAlone) {
  const Peak peak = run({{16, kMiB, true}, {1, kMiB, false}, {1, 500 * kMiB, false}}, {2, 100 * kMiB, 0});
  EXPECT_EQ(peak.tests, 1U + 0U * peak.cores);
}

TEST(SideBySide, JobsOverridesCoresButNotForStrictTests) {
  SideBySide loose({{2, 0, false}, {2, 0, false}, {2, 0, false}}, {2, kMiB, 2});
  EXPECT_EQ(loose.threads(), 2U);
  EXPECT_TRUE(loose.take());
  EXPECT_TRUE(loose.take());  // would block without jobs: two tests of two cores on two cores
  const Peak strict = run(std::vector<Load>(6, Load{2, 0, true}), {2, kMiB, 4});
  EXPECT_EQ(strict.tests, 1U);
}

TEST(SideBySide, TheMostDemandingStartFirst) {
  SideBySide plan({{1, 0, false}, {3, 0, false}, {2, 0, false}}, {8, kMiB, 0});
  EXPECT_EQ(plan.take(), 1U);
  EXPECT_EQ(plan.take(), 2U);
  EXPECT_EQ(plan.take(), 0U);
  EXPECT_EQ(plan.take(), std::nullopt);
}

TEST(SideBySide, StopWakesTheWaiting) {
  SideBySide plan({{2, 0, false}, {2, 0, false}}, {2, kMiB, 0});
  ASSERT_TRUE(plan.take());
  std::jthread waiting([&] { EXPECT_EQ(plan.take(), std::nullopt); });
  plan.stop();
}

}  // namespace
}  // namespace ktstr::kvm
