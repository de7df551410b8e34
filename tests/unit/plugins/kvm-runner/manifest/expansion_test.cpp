// SPDX-License-Identifier: Apache-2.0
#include "manifest/expansion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "manifest/canned_scenarios.hpp"
#include "manifest/manifest.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<json::value> expanded(const std::string& text) {
  const json::value value = json::parse(text);
  return expand_test({&value, "t.json"});
}

std::string expansion_mistake(const std::string& text) {
  try {
    expanded(text);
  } catch (const Mistake& found) {
    return found.message();
  }
  return "no mistake";
}

TEST(Expansion, LeavesAPlainTestAlone) {
  const char* text = R"({"name":"a","cgroups":[{"name":"$HOME"}]})";
  EXPECT_THAT(expanded(text), ElementsAre(json::parse(text)));
}

TEST(Expansion, PutsParametersInTheirPlaces) {
  const auto tests = expanded(
      R"({"name": "a", "params": {"n": 4, "kind": "SpinWait"}, "w": "$n", "t": ["${kind}-${n}", "$kind"]})");
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0], json::parse(R"({"name": "a", "w": 4, "t": ["SpinWait-4", "SpinWait"]})"));
}

TEST(Expansion, MakesATestForEachCombination) {
  const auto tests =
      expanded(R"({"name": "a-${x}", "matrix": {"x": [1, 2], "y": ["p/q", true]}, "v": ["$x", "$y"]})");
  ASSERT_EQ(tests.size(), 4U);
  EXPECT_EQ(tests[0], json::parse(R"({"name": "a-1-p_q", "v": [1, "p/q"]})"));
  EXPECT_EQ(tests[3], json::parse(R"({"name": "a-2-true", "v": [2, true]})"));
}

TEST(Expansion, NumbersStandInTextsAsPeopleWriteThem) {
  const auto tests =
      expanded(R"({"name": "a", "matrix": {"share": [0.5, 12]}, "args": ["--share=${share}"]})");
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0], json::parse(R"({"name": "a-0.5", "args": ["--share=0.5"]})"));
  EXPECT_EQ(tests[1], json::parse(R"({"name": "a-12", "args": ["--share=12"]})"));
}

TEST(Expansion, RepeatsObjectsOfLists) {
  const auto tests = expanded(
      R"({"name": "a", "l": [{"repeat": 2, "n": "c${i}", "i": "$i", "in": [{"repeat": 2, "x": 1}]}, 7]})");
  EXPECT_EQ(
      tests.at(0),
      json::parse(
          R"({"name": "a", "l": [{"n": "c0", "i": 0, "in": [{"x": 1}, {"x": 1}]}, {"n": "c1", "i": 1, "in": [{"x": 1}, {"x": 1}]}, 7]})"));
}

TEST(Expansion, RefusesWhatMeansNothing) {
  EXPECT_THAT(expansion_mistake(R"({"params": {"nice": 1}, "v": "$nise"})"),
              HasSubstr("\"$nise\" is no parameter (did you mean \"nice\"?)"));
  EXPECT_THAT(expansion_mistake(R"({"params": {"n": [1]}})"),
              HasSubstr("t.json.params.n: expected a number, a text, true or false"));
  EXPECT_THAT(expansion_mistake(R"({"params": {"n": 1}, "matrix": {"n": [1]}})"),
              HasSubstr("is in \"params\" too"));
  EXPECT_THAT(expansion_mistake(R"({"l": [{"repeat": 0}]})"),
              HasSubstr("t.json.l[0].repeat: expected an integer from 1"));
  EXPECT_THAT(expansion_mistake(R"({"scenario": "stedy"})"), HasSubstr("did you mean \"steady\"?"));
  EXPECT_THAT(expansion_mistake(R"({"scenario": "steady", "cgroups": []})"),
              HasSubstr("the scenario \"steady\" says this already"));
}

TEST(Expansion, IsBounded) {
  EXPECT_THAT(expansion_mistake(R"({"l": [{"repeat": 1024, "l": [{"repeat": 1024, "x": [1, 2, 3]}]}]})"),
              HasSubstr("grows beyond"));
  std::string list = "[0";
  for (int i = 1; i < 40; ++i) list += "," + std::to_string(i);
  list += "]";
  EXPECT_THAT(expansion_mistake(R"({"matrix": {"a": )" + list + R"(, "b": )" + list + "}}"),
              HasSubstr("more than 1024 tests"));
}

TEST(Expansion, EveryCannedScenarioIsATest) {
  for (const CannedScenario& row : kCannedScenarios) {
    for (const char* topology : {"1n1l2c1t", "2n4l2c2t"}) {
      const std::string text = R"({"name": "a", "topology": ")" + std::string(topology) +
                               R"(", "scenario": ")" + std::string(row.name) + "\"}";
      const auto tests = parse_manifest(text, "t.json", "t.json");
      ASSERT_EQ(tests.size(), 1U) << row.name;
      EXPECT_GT(tests[0].scenario.total_workers(), 0U) << row.name;
    }
  }
}

TEST(Expansion, CannedScenariosTakeTheirParameters) {
  const auto tests = parse_manifest(R"({"name": "a", "scenario": {"name": "oversubscribed", "workers": 5}})",
                                    "t.json", "t.json");
  EXPECT_EQ(tests.at(0).scenario.total_workers(), 10U);
}

}  // namespace
}  // namespace ktstr::kvm
