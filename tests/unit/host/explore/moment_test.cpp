// SPDX-License-Identifier: Apache-2.0
#include "explore/moment.hpp"

#include <gtest/gtest.h>

#include "bounds_for_tests.hpp"

namespace ktstr::testing {
namespace {

bool never_stop() { return false; }

Takeover steps_takeover() {
  return bounds_of(R"({"variations": [{"vary": "x", "at": [""], "one_of": [{}]}], "invariants": [],
    "takeover": {"length": "duration_ms", "unless": ["steps"], "merge": {"steps": [
      {"hold_ms": "$before"}, {"hold_ms": "$after", "ops": [{"op": "detach"}]}]}}})")
      .takeover;
}

const json::object kTest = object_of(R"({"name": "t", "duration_ms": 1000})");

/// Fails when the takeover comes at `limit` or later.
FailAlike late_at(std::int64_t limit, std::vector<std::int64_t>& asked) {
  return [&asked, limit](const std::vector<json::object>& tests) -> Result<std::vector<bool>> {
    std::vector<bool> fails;
    for (const json::object& test : tests) {
      const auto at = test.at("steps").at(0).at("hold_ms").to_number<std::int64_t>();
      EXPECT_EQ(test.at("steps").at(1).at("hold_ms").to_number<std::int64_t>(), 1000 - at);
      asked.push_back(at);
      fails.push_back(at >= limit);
    }
    return fails;
  };
}

TEST(Moment, IsClosedInOnWhateverRunsAtOnce) {
  for (const std::int64_t limit : {2, 3, 437, 999}) {
    for (const std::size_t at_once : {1U, 2U, 5U}) {
      std::vector<std::int64_t> asked;
      const auto moment = find_moment(kTest, steps_takeover(), at_once, late_at(limit, asked), never_stop);
      ASSERT_TRUE(moment);
      EXPECT_EQ(moment->state, "found");
      EXPECT_LT(moment->averted_ms, static_cast<std::uint64_t>(limit));
      EXPECT_GE(moment->inevitable_ms, static_cast<std::uint64_t>(limit));
      EXPECT_LE(moment->inevitable_ms - moment->averted_ms, 10U) << "a hundredth of its length";
      EXPECT_LT(asked.size(), 25U);
    }
  }
}

TEST(Moment, WhatNoTakeoverAvertsIsToldAfterOneLook) {
  std::vector<std::int64_t> asked;
  const auto moment = find_moment(kTest, steps_takeover(), 1, late_at(0, asked), never_stop);
  ASSERT_TRUE(moment);
  EXPECT_EQ(moment->state, "never");
  EXPECT_EQ(moment->inevitable_ms, 1U);
}

TEST(Moment, IsNotLookedForWhereNoTakeoverCanBeHad) {
  std::vector<std::int64_t> asked;
  const auto of = [&](const json::object& test, const Takeover& takeover) {
    return find_moment(test, takeover, 2, late_at(5, asked), never_stop)->state;
  };
  EXPECT_EQ(of(object_of(R"({"duration_ms": 1000, "steps": []})"), steps_takeover()), "no_takeover");
  EXPECT_EQ(of(object_of(R"({"name": "t"})"), steps_takeover()), "no_takeover");
  EXPECT_EQ(of(kTest, Takeover{}), "no_takeover") << "the runner declares none";
  EXPECT_TRUE(asked.empty());
}

TEST(Moment, ATakeoverAtTheEndThatChangesTheOutcomeTellsNothing) {
  std::vector<std::int64_t> asked;
  const auto moment = find_moment(kTest, steps_takeover(), 2, late_at(1000, asked), never_stop);
  ASSERT_TRUE(moment);
  EXPECT_EQ(moment->state, "no_takeover") << "the takeover's own steps make it another scenario";
  EXPECT_EQ(asked.back(), 999);
}

TEST(Moment, StaysOpenWhenItIsStopped) {
  std::vector<std::int64_t> asked;
  const auto moment = find_moment(kTest, steps_takeover(), 2, late_at(500, asked), [] { return true; });
  ASSERT_TRUE(moment);
  EXPECT_EQ(moment->state, "open");
  EXPECT_TRUE(asked.empty());
}

}  // namespace
}  // namespace ktstr::testing
