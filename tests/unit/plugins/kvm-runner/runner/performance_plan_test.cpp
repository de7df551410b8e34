// SPDX-License-Identifier: Apache-2.0
#include "runner/performance_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t kMebibyte = 1 << 20;
const HostLlcs kTwoLlcs = {{0, 1, 2, 3}, {4, 5, 6, 7}};
const PerformanceHost kLarge{kTwoLlcs, {{0, 1, 2, 3}, {4, 5, 6, 7}}, 1000};

TEST(PerformancePlan, EachLlcOfTheGuestIsOneOfTheHost) {
  EXPECT_THAT(llcs_for({1, 2, 2, 1}, kTwoLlcs), ElementsAre(0, 1));
  EXPECT_THAT(llcs_for({1, 2, 2, 1}, {{0}, {1, 2}, {3, 4}}), ElementsAre(1, 2)) << "one is too small";
  EXPECT_THAT(llcs_for({1, 3, 1, 1}, kTwoLlcs), IsEmpty());
  EXPECT_THAT(llcs_for({1, 1, 5, 1}, kTwoLlcs), IsEmpty());
}

TEST(PerformancePlan, AHostThatHasAllOfItGivesAllOfIt) {
  const PerformancePlan plan = plan_performance({1, 2, 2, 1}, {0, 1, 4, 5}, {512 * kMebibyte}, kLarge);
  EXPECT_THAT(plan.host.cpus, ElementsAre(0, 1, 4, 5));
  EXPECT_TRUE(plan.host.real_time);
  EXPECT_TRUE(plan.host.huge_pages);
  EXPECT_THAT(plan.host.memory_nodes, ElementsAre(0, 1));
  EXPECT_THAT(plan.lacking, IsEmpty());
}

TEST(PerformancePlan, MemoryIsWhereTheCpusAre) {
  EXPECT_THAT(plan_performance({1, 1, 2, 1}, {4, 5}, {512 * kMebibyte}, kLarge).host.memory_nodes,
              ElementsAre(1));
}

TEST(PerformancePlan, WhatCannotBeHadIsToldWithWhatWouldHelp) {
  const PerformanceHost small{{{0, 1}}, {{0, 1}}, 3};
  const PerformancePlan full = plan_performance({1, 2, 1, 1}, {0, 1}, {9 * kMebibyte, 8 * kMebibyte}, small);
  EXPECT_THAT(full.host.cpus, ElementsAre(0, 1)) << "if not LLC by LLC";
  EXPECT_FALSE(full.host.real_time);
  EXPECT_FALSE(full.host.huge_pages);
  EXPECT_THAT(
      full.lacking,
      ElementsAre("its 2 LLCs are not LLCs of the host: of those that are large enough it has too few",
                  HasSubstr("no CPU of the host is left for QEMU's other threads"),
                  "its memory is of small pages: it takes 9 huge ones of 2 MiB, 3 are free (sysctl "
                  "vm.nr_hugepages)"));
  const PerformancePlan large = plan_performance({1, 1, 4, 1}, {0, 1}, {4 * kMebibyte}, small);
  EXPECT_THAT(large.host.cpus, IsEmpty());
  EXPECT_FALSE(large.host.real_time) << "never where vCPUs share CPUs: one would keep the other out";
  EXPECT_THAT(large.host.memory_nodes, IsEmpty());
  EXPECT_THAT(large.lacking, ElementsAre("its 4 vCPUs are bound to no host CPU: 2 of 2 are its own"));
}

}  // namespace
}  // namespace ktstr::kvm
