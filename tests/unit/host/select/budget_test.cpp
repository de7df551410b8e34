// SPDX-License-Identifier: Apache-2.0
#include "select/budget.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Budget, TheMostThatIsNewForItsTimeComesFirst) {
  const std::vector<BudgetCandidate> tests = {{100, {"numa", "smt", "mine"}},
                                              {10, {"llc", "mine"}},
                                              {10, {"llc", "mine"}},  // nothing new behind the one before
                                              {20, {"odd", "other"}}};
  const BudgetChoice tight = choose_within(31, tests);
  EXPECT_THAT(tight.chosen, ElementsAre(false, true, false, true));
  EXPECT_DOUBLE_EQ(tight.seconds, 30);
  EXPECT_EQ(tight.covered, 4U);
  EXPECT_EQ(tight.features, 6U);
  EXPECT_THAT(choose_within(40, tests).chosen, ElementsAre(false, true, true, true)) << "room is not wasted";
  EXPECT_THAT(choose_within(140, tests).chosen, ElementsAre(true, true, true, true));
  EXPECT_THAT(choose_within(9, tests).chosen, ElementsAre(false, false, false, false));
}

TEST(Budget, NeverExceedsTheTimeAndNeverLeavesRoomForAnother) {
  std::vector<BudgetCandidate> tests;
  for (unsigned i = 0; i < 60; ++i)
    tests.push_back({1.0 + (i * 7) % 13, {"a" + std::to_string(i % 5), "b" + std::to_string(i % 7)}});
  for (const double budget : {1.0, 12.0, 57.5, 200.0, 1000.0}) {
    const BudgetChoice choice = choose_within(budget, tests);
    double sum = 0;
    for (std::size_t i = 0; i < tests.size(); ++i) sum += choice.chosen[i] ? tests[i].seconds : 0;
    EXPECT_LE(sum, budget);
    EXPECT_DOUBLE_EQ(sum, choice.seconds);
    for (std::size_t i = 0; i < tests.size(); ++i)
      EXPECT_TRUE(choice.chosen[i] || sum + tests[i].seconds > budget) << budget << " " << i;
  }
}

TEST(Budget, TopologiesAreTold) {
  EXPECT_THAT(features_of_topology("1n1l4c1t"), ElementsAre("one LLC", "up to 4 CPUs"));
  EXPECT_THAT(features_of_topology("1n3l3c2t"),
              ElementsAre("several LLCs", "up to 32 CPUs", "SMT", "an odd number of LLCs"));
  EXPECT_THAT(features_of_topology("2n4l4c1t"), ElementsAre("several NUMA nodes", "up to 16 CPUs"));
  EXPECT_EQ(cpus_of_topology("2n4l4c2t"), 32U);
  EXPECT_THAT(features_of_topology("2n1+1l3+1c2+1t30d512+128m"),
              ElementsAre("several NUMA nodes", "up to 8 CPUs", "SMT", "places that are not alike"));
  EXPECT_EQ(cpus_of_topology("3n1+0+1l3+1c1t"), 4U);
  for (const char* bad : {"", "1n1l4c", "1n1l4c1tx", "0n1l1c1t", "1n1l99999c1t", "1n4095l4095c255t", "a"}) {
    EXPECT_THAT(features_of_topology(bad), IsEmpty()) << bad;
    EXPECT_FALSE(cpus_of_topology(bad)) << bad;
  }
}

TEST(Budget, Durations) {
  const auto seconds = [](const char* text) {
    const auto parsed = parse_duration(text, "--budget");
    return parsed ? *parsed : -1;
  };
  EXPECT_EQ(seconds("90"), 90);
  EXPECT_EQ(seconds("90s"), 90);
  EXPECT_EQ(seconds("5m"), 300);
  EXPECT_EQ(seconds("1h30m"), 5400);
  for (const char* bad : {"", "0", "5x", "m", "-5s", "30m1h", "1m1m", "999h", "4294967296s", "1.5h"})
    EXPECT_EQ(seconds(bad), -1) << bad;
  EXPECT_EQ(duration_text(59.6), "1 min");
  EXPECT_EQ(duration_text(12), "12 s");
  EXPECT_EQ(duration_text(280), "4 min 40 s");
  EXPECT_EQ(duration_text(5400), "1 h 30 min");
}

}  // namespace
}  // namespace ktstr
