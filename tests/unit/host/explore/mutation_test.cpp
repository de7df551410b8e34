// SPDX-License-Identifier: Apache-2.0
#include "explore/mutation.hpp"

#include <gtest/gtest.h>

#include <set>

#include "bounds_for_tests.hpp"

namespace ktstr::testing {
namespace {

std::string scenario(std::uint64_t seed, const std::set<std::string>& dimensions, unsigned attempt = 0) {
  return to_text(mutated(small_test(), small_bounds(), dimensions, {"t", seed, attempt}), 0);
}

const std::set<std::string> kAll{"nice", "work", "steps"};

TEST(Mutation, ASeedIsAScenarioToTheByte) {
  std::set<std::string> different;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    EXPECT_EQ(scenario(seed, kAll), scenario(seed, kAll));
    different.insert(scenario(seed, kAll));
  }
  EXPECT_GT(different.size(), 60U);
  EXPECT_NE(scenario(7, kAll, 0), scenario(7, kAll, 1)) << "another attempt is another draw";
  // What a seed gives may change only with the format of the search (explore.cpp).
  EXPECT_EQ(scenario(1, {"nice"}), scenario(1, {"nice"}));
}

TEST(Mutation, OnlyWhatMayVaryDoes) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    json::object changed = mutated(small_test(), small_bounds(), {"nice"}, {"t", seed, 0});
    EXPECT_EQ(changed.at("duration_ms"), json::value(400)) << "every scenario is short";
    EXPECT_FALSE(changed.contains("steps"));
    EXPECT_EQ(changed.at("saved"), json::value(true));
    changed.erase("saved");
    ASSERT_EQ(changed.at("cgroups").as_array().size(), 2U);
    EXPECT_FALSE(changed.at("cgroups").at(1).as_object().contains("nice")) << "it has no workers";
    changed.at("cgroups").at(0).as_object().erase("nice");
    changed["duration_ms"] = 2000;
    EXPECT_EQ(json::value(changed), json::value(small_test()));
  }
}

TEST(Mutation, ListsGrowWithinTheirLimitAndNamesAreFilledIn) {
  bool grown = false, stepped = false;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const json::object changed = mutated(small_test(), small_bounds(), kAll, {"t", seed, 0});
    const json::array& cgroups = changed.at("cgroups").as_array();
    EXPECT_LE(cgroups.size(), 3U);
    if (cgroups.size() == 3) {
      grown = true;
      EXPECT_EQ(cgroups[2].at("name"), "more_2");
    }
    if (!changed.contains("steps")) continue;
    stepped = true;
    const json::array& steps = changed.at("steps").as_array();
    EXPECT_EQ(steps[0].at("name"), "rest");
    const std::string cgroup(steps[1].at("ops").at(0).at("cgroup").as_string());
    EXPECT_TRUE(cgroup == "hogs" || cgroup == "outer" || cgroup == "more_2") << cgroup;
  }
  EXPECT_TRUE(grown && stepped);
}

TEST(Mutation, ATestWithItsOwnStepsKeepsItsLength) {
  json::object test = small_test();
  test["steps"] = json::array{json::object{{"hold_ms", 2000}}};
  EXPECT_EQ(mutated(test, small_bounds(), {"nice"}, {"t", 1, 0}).at("duration_ms"), json::value(2000));
}

TEST(Mutation, MergePatchIsRfc7396) {
  json::value target = object_of(R"({"a": {"b": 1, "c": 2}, "d": [1], "e": 3})");
  merge_patch(target, object_of(R"({"a": {"b": null, "x": {"y": null}}, "d": [2], "e": null})"));
  EXPECT_EQ(target, json::value(object_of(R"({"a": {"c": 2, "x": {}}, "d": [2]})")));
}

}  // namespace
}  // namespace ktstr::testing
