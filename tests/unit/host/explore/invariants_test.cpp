// SPDX-License-Identifier: Apache-2.0
#include "explore/invariants.hpp"

#include <gtest/gtest.h>

#include "bounds_for_tests.hpp"

namespace ktstr::testing {
namespace {

TEST(Invariants, LimitsGrowWithWhatTheyCount) {
  const json::object test = with_invariants(small_test(), small_bounds());
  EXPECT_EQ(test.at("assert").at("max_gap_ms"), json::value(60 + 20 * (4 + 2)));
  EXPECT_EQ(test.at("assert").at("max_idle"), json::value(25));
}

TEST(Invariants, ATestMaySayOtherwise) {
  json::object test = small_test();
  test["assert"] = json::object{{"max_gap_ms", 5}};
  test.at("cgroups").at(1).as_object()["cpuset"] = json::array{0};
  test = with_invariants(std::move(test), small_bounds());
  EXPECT_EQ(test.at("assert").at("max_gap_ms"), json::value(5));
  EXPECT_FALSE(test.at("assert").as_object().contains("max_idle"))
      << "it does not hold where CPUs are forbidden";
}

TEST(Invariants, OneAlone) {
  const json::object test = with_invariants(small_test(), small_bounds(), "conservation");
  EXPECT_EQ(test.at("assert").as_object().size(), 1U);
}

TEST(Invariants, FailuresOfOneKindHaveOneName) {
  const Bounds bounds = small_bounds();
  EXPECT_EQ(failure_kind("cgroup hogs: worker 9 waited 12.5 ms (max_gap_ms)\nmore", small_test(), bounds),
            "starvation");
  EXPECT_EQ(failure_kind("2 workers did not end", small_test(), bounds), "ending") << "judged unasked";
  const std::string kind = failure_kind("cgroup hogs: worker 9 died after 12.5 ms", small_test(), bounds);
  EXPECT_EQ(kind, "cgroup *: worker # died after # ms");
  EXPECT_EQ(failure_kind("cgroup outer: worker 41 died after 1 ms", small_test(), bounds), kind);
  EXPECT_NE(failure_kind("cgroup outer: worker 41 stopped after 1 ms", small_test(), bounds), kind);
}

TEST(Bounds, MistakesNameThePlace) {
  const auto message = [](const std::string& text) {
    try {
      bounds_of(text);
    } catch (const kit::Mistake& mistake) {
      return std::string(mistake.message());
    }
    return std::string("nothing");
  };
  EXPECT_EQ(message(R"({"variations": [], "invariants": []})").substr(0, 19), "bounds.variations: ");
  EXPECT_NE(message(R"({"variations": [{"vary": "a", "at": [""], "one_of": [3]}], "invariants": []})")
                .find("one_of[0]"),
            std::string::npos);
  EXPECT_NE(message(R"({"variations": [{"vary": "a", "at": [""], "one_of": [{}]}],
    "invariants": [{"name": "x", "member": ["a"], "limit": true, "says": "x", "for_each": {"more": 1}}]})")
                .find("invariants[0].limit"),
            std::string::npos);
}

TEST(Invariants, WhatAShorterScenarioCannotKeepIsNotAskedEvenIfTheTestAsks) {
  const Bounds bounds =
      bounds_of(R"J({"variations": [{"vary": "x", "at": [""], "one_of": [{}]}], "invariants": [
    {"name": "progress", "member": ["assert", "not_stuck"], "limit": true, "unless": ["units"],
     "own_too": true, "says": "(not_stuck)"}]})J");
  const auto asked = [&](const char* test) {
    return to_text(with_invariants(object_of(test), bounds).at("assert"), 0);
  };
  EXPECT_EQ(asked(R"({"assert": {"not_stuck": true, "x": 1}, "cgroups": [{"work": {"units": 9}}]})"),
            "{\"x\":1}");
  EXPECT_EQ(asked(R"({"assert": {"not_stuck": false}, "cgroups": []})"), "{\"not_stuck\":false}");
  EXPECT_EQ(asked(R"({"cgroups": []})"), "{\"not_stuck\":true}");
}

}  // namespace
}  // namespace ktstr::testing
