// SPDX-License-Identifier: Apache-2.0
#include "explore/shrink.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bounds_for_tests.hpp"

namespace ktstr::testing {
namespace {

bool never() { return false; }

/// Fails while two cgroups have at least three workers together.
bool fails(const json::object& test) {
  const json::value* cgroups = test.if_contains("cgroups");
  if (cgroups == nullptr || !cgroups->is_array() || cgroups->get_array().size() < 2) return false;
  std::int64_t workers = 0;
  for (const json::value& cgroup : cgroups->get_array()) {
    const json::value* said = cgroup.as_object().if_contains("workers");
    if (said != nullptr) workers += said->to_number<std::int64_t>();
  }
  return workers >= 3;
}

json::object large_test() {
  return object_of(R"({"name": "t", "duration_ms": 2000, "performance_mode": true,
    "assert": {"workers": 9},
    "cgroups": [{"name": "a", "workers": 4, "cpuset": {"range": [0, 0.5]}}, {"name": "b", "workers": 4},
                {"name": "c", "workers": 6}, {"name": "d", "workers": 2, "nice": 2}],
    "steps": [{"name": "rest"}, {"hold_ms": 60, "ops": [{"op": "freeze"}, {"op": "thaw"}]}]})");
}

StillFails oracle(std::size_t& asked) {
  return [&asked](const std::vector<json::object>& tests) -> Result<std::optional<std::size_t>> {
    asked += tests.size();
    const auto found = std::find_if(tests.begin(), tests.end(), fails);
    if (found == tests.end()) return std::optional<std::size_t>();
    return std::optional<std::size_t>(found - tests.begin());
  };
}

TEST(Shrink, WhatIsLeftCannotBecomeSmaller) {
  for (const std::size_t at_once : {1U, 2U, 7U}) {
    std::size_t asked = 0;
    const auto shrunk = shrink(large_test(), small_bounds(), at_once, oracle(asked), never);
    ASSERT_TRUE(shrunk);
    EXPECT_TRUE(shrunk->minimal);
    EXPECT_EQ(shrunk->tried, asked);
    EXPECT_TRUE(fails(shrunk->test));
    for (const json::object& less : smaller(shrunk->test, small_bounds()))
      EXPECT_FALSE(fails(less)) << to_text(less);
    EXPECT_EQ(shrunk->test.at("name"), "t");
    EXPECT_EQ(shrunk->test.at("duration_ms"), json::value(50)) << "kept, and lowered to its least";
    EXPECT_FALSE(shrunk->test.contains("steps"));
    EXPECT_FALSE(shrunk->test.contains("assert"));
    ASSERT_EQ(shrunk->test.at("cgroups").as_array().size(), 2U);
  }
}

TEST(Shrink, LimitsAndListsOfPlainValuesStayAsTheyAre) {
  for (const json::object& less : smaller(large_test(), small_bounds())) {
    const json::value* limits = less.if_contains("assert");
    if (limits != nullptr && limits->as_object().contains("workers")) {
      EXPECT_EQ(limits->at("workers"), json::value(9))
          << "a limit that is lowered makes a failure of anything";
    }
    const json::value text(to_text(less, 0));
    const std::string whole(text.as_string());
    EXPECT_TRUE(whole.find("range") == std::string::npos || whole.find("[0,0.5]") != std::string::npos)
        << whole;
  }
}

TEST(Shrink, WhatIsStoppedIsNotCalledTheSmallest) {
  std::size_t asked = 0;
  const auto shrunk = shrink(large_test(), small_bounds(), 2, oracle(asked), [&] { return asked >= 4; });
  ASSERT_TRUE(shrunk);
  EXPECT_FALSE(shrunk->minimal);
  EXPECT_TRUE(fails(shrunk->test));
}

TEST(Shrink, AnErrorEndsIt) {
  const auto shrunk = shrink(
      large_test(), small_bounds(), 1,
      [](const auto&) -> Result<std::optional<std::size_t>> { return environment_error("no machine"); },
      never);
  ASSERT_FALSE(shrunk);
  EXPECT_EQ(shrunk.error().message, "no machine");
}

}  // namespace
}  // namespace ktstr::testing
