// SPDX-License-Identifier: Apache-2.0
#include "plan/run_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "noise/sequential.hpp"

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string sides(const std::vector<PlanStep>& steps) {
  std::string text;
  for (const PlanStep& step : steps) text += step.head ? 'H' : 'b';
  return text;
}

TEST(RunPlan, AlternatesWhichSideRunsFirst) {
  EXPECT_EQ(sides(plan_steps({RunOrder::kAbba, 1}, 0, 4)), "bHHbbHHb");
  EXPECT_EQ(sides(plan_steps({RunOrder::kBlock, 1}, 0, 3)), "bHbHbH");
  EXPECT_TRUE(plan_steps({}, 3, 3).empty());
}

TEST(RunPlan, EveryBlockHasBothSidesAndSlotsCount) {
  const auto steps = plan_steps({}, 0, 7);
  std::set<std::pair<std::uint64_t, bool>> seen;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].slot, i);
    EXPECT_TRUE(seen.emplace(steps[i].block, steps[i].head).second);
  }
  EXPECT_EQ(seen.size(), 14U);
}

TEST(RunPlan, ALaterRangeGoesOn) {
  auto whole = plan_steps({}, 0, 5), first = plan_steps({}, 0, 3);
  const auto rest = plan_steps({}, 3, 5);
  first.insert(first.end(), rest.begin(), rest.end());
  EXPECT_EQ(sides(first), sides(whole));
  EXPECT_EQ(first.back().slot, whole.back().slot);
}

TEST(RunPlan, ShufflesScenariosPerBlockFromTheSeed) {
  const std::vector<std::string> names = {"d", "b", "a", "c", "b", "e"};
  const PlanOptions seven{RunOrder::kAbba, 7};
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t block = 0; block < 20; ++block) {
    const auto order = scenario_order(seven, block, names);
    EXPECT_EQ(order, scenario_order(seven, block, {"e", "d", "c", "b", "a"}));  // whatever order they come in
    EXPECT_EQ(std::set<std::string>(order.begin(), order.end()).size(), 5U);
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 10U);
  EXPECT_THAT(scenario_order({RunOrder::kAbba, 1}, 0, {"a", "b", "c", "d"}),
              ElementsAre("b", "d", "a", "c"));  // the same everywhere
  EXPECT_THAT(scenario_order({RunOrder::kBlock, 7}, 3, names), ElementsAre("a", "b", "c", "d", "e"));
}

TEST(RunPlan, IdentityTellsPartsApart) {
  EXPECT_EQ(plan_identity({"a", "b"}), plan_identity({"a", "b"}));
  EXPECT_NE(plan_identity({"ab", ""}), plan_identity({"a", "b"}));
  EXPECT_EQ(plan_identity({}).size(), 16U);
}

TEST(RunPlan, NamesOrders) {
  EXPECT_EQ(*parse_order("abba"), RunOrder::kAbba);
  EXPECT_EQ(*parse_order(order_name(RunOrder::kBlock)), RunOrder::kBlock);
  EXPECT_THAT(parse_order("blok").error().message, HasSubstr("did you mean \"block\"?"));
}

TEST(Sequential, LooksAtThreeFiveSevenTen) {
  const auto looks = looks_up_to(7);
  ASSERT_EQ(looks.size(), 3U);
  EXPECT_EQ(looks[0].level, .00092);
  EXPECT_EQ(looks[2].runs, 7U);
  EXPECT_TRUE(check_looks(10));
  EXPECT_THAT(check_looks(6).error().message, HasSubstr("--noise-adjust 6"));
}

}  // namespace
}  // namespace ktstr
