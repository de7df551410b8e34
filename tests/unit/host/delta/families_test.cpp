// SPDX-License-Identifier: Apache-2.0
#include "delta/families.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace ktstr {
namespace {

using ::testing::HasSubstr;

constexpr const char* kLine =
    R"json({"family": "f", "source": "s", "kind": "AB", "order": "ABBA (pairs)", "session": "x", "metrics": [
  {"name": "lat", "unit": "us", "lower_is_better": true, "truth": "regress", "truth_ratio": 1.2, "a": [0.30000000000000004, 2, null, 4], "b": [5, 6, 7, 8],
   "history": {"log_variance": 0.01, "paired_log_variance": null, "df": 9, "sessions": 2}},
  {"name": "rate", "unit": "1/s", "lower_is_better": false, "truth": "null", "a": [1], "b": [2], "history": null}]})json";

std::string problem(std::string line, const std::string& from, const std::string& to) {
  const auto at = line.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  line.replace(at, from.size(), to);
  const auto family = parse_family(line, "f.jsonl: line 7");
  return family ? "" : family.error().message;
}

TEST(Families, ALineIsOneInvocation) {
  const auto family = parse_family(kLine, "f.jsonl: line 7");
  ASSERT_TRUE(family) << family.error().message;
  EXPECT_EQ(family->name, "f");
  EXPECT_TRUE(family->changed);
  ASSERT_EQ(family->metrics.size(), 2u);
  const FamilyMetric& lat = family->metrics[0];
  EXPECT_EQ(lat.baseline[0], 0.30000000000000004) << "numbers keep their last digit";
  EXPECT_TRUE(std::isnan(lat.baseline[2]));
  EXPECT_EQ(lat.history.log_variance, 0.01);
  EXPECT_TRUE(std::isnan(lat.history.paired_log_variance));
  EXPECT_EQ(lat.history.paired_log_variance_df, 9);
  EXPECT_EQ(lat.history.sessions, 2u);
  EXPECT_TRUE(std::isnan(family->metrics[1].history.log_variance));
  EXPECT_FALSE(family->metrics[1].lower_is_better);
}

TEST(Families, AWrongLineSaysWhere) {
  EXPECT_THAT(problem(kLine, "\"AB\"", "\"AC\""), HasSubstr("f.jsonl: line 7: kind: unknown kind \"AC\""));
  EXPECT_THAT(problem(kLine, "\"regress\"", "\"regres\""), HasSubstr("did you mean \"regress\""));
  EXPECT_THAT(problem(kLine, "[5, 6, 7, 8]", "[5, \"6\", 7, 8]"),
              HasSubstr("line 7: metrics[0].b[1]: expected a number, found \"6\""));
  EXPECT_THAT(problem(kLine, "[5, 6, 7, 8]", "5"), HasSubstr("metrics[0].b: expected an array, found 5"));
  EXPECT_THAT(problem(kLine, "\"df\": 9", "\"df\": {}"), HasSubstr("metrics[0].history.df"));
  EXPECT_THAT(problem(kLine, "\"name\": \"lat\", ", ""), HasSubstr("metrics[0]: \"name\" is missing"));
  EXPECT_THAT(problem(kLine, "true", "1"), HasSubstr("lower_is_better: expected true or false"));
  EXPECT_THAT(problem(kLine, "null}]}", "null}]"), HasSubstr("f.jsonl: line 7: "));
  EXPECT_THAT(parse_family("[]", "f: line 1").error().message,
              HasSubstr("f: line 1: expected an object, found an array of"));
}

TEST(Families, TheOrderTellsHowToCompare) {
  for (const char* order : {"ABBA (pair i: a[i] with b[i]; even i ran a first)", "alternating",
                            "interleaved-by-harness", "ABAB"}) {
    EXPECT_TRUE(measuring_order(order).paired) << order;
    EXPECT_FALSE(measuring_order(order).cached) << order;
  }
  for (const char* order : {"cached-baseline-next-day", "other-session", "cached ABBA"}) {
    EXPECT_TRUE(measuring_order(order).cached) << order;
    EXPECT_FALSE(measuring_order(order).paired) << order;
  }
  for (const char* order : {"block", "unpaired", ""})
    EXPECT_FALSE(measuring_order(order).paired || measuring_order(order).cached) << order;
}

TEST(Families, ComparisonsHaveTheFirstRuns) {
  const auto family = parse_family(kLine, "f");
  ASSERT_TRUE(family);
  const FamilyComparisons comparisons(*family, 3, 0.05, true);
  const auto pointers = comparisons.pointers();
  ASSERT_EQ(pointers.size(), 2u);
  const ktstr_comparison& lat = *pointers[0];
  EXPECT_EQ(lat.flags, KTSTR_COMPARISON_PAIRED);
  ASSERT_EQ(lat.baseline->count, 2u) << "the third run has no value";
  EXPECT_EQ(lat.baseline->blocks[1], lat.head->blocks[1]);
  EXPECT_EQ(lat.head->count, 3u);
  EXPECT_DOUBLE_EQ(lat.head_estimate, 6);
  EXPECT_EQ(lat.rel_gate, 0.05);
  EXPECT_EQ(lat.history->log_variance, 0.01);
  EXPECT_EQ(pointers[1]->polarity, KTSTR_HIGHER_IS_BETTER);
  const FamilyComparisons unknown(*family, 3, 0.05, false);
  EXPECT_TRUE(std::isnan(unknown.pointers()[0]->history->log_variance));
}

TEST(Families, MayTellWhatTheHostGaveTheRuns) {
  const auto extra = [](const std::string& order) {
    const auto family = parse_family(R"({"family": "f", "kind": "AA", "order": ")" + order +
                                         R"(", "metrics": [{"name": "m", "a": [1, null, 3], "b": [4, 5, 6],
                                         "host_speed": {"a": [0.5, 0.6, 0.75], "b": [1, 0.25, 0.5]}}]})",
                                     "f");
    const FamilyComparisons comparisons(*family, 3, 0.05, true);
    const ktstr_str text = comparisons.pointers().at(0)->extra_json;
    return std::string(text.ptr, text.len);
  };
  EXPECT_EQ(extra("ABBA"), R"({"host_speed":{"baseline":[0.5,0.75],"head":[1.0,0.25,0.5]}})")
      << "the second run of the baseline has no value";
  EXPECT_EQ(extra("cached"), "{}");
  for (const auto& [speeds, told] :
       {std::pair{R"({"a": [1, 1]})", "host_speed: \"b\" is missing"},
        {R"({"a": [1], "b": [1, 1]})", "host_speed.a: 1 speeds for 2 values"},
        {R"({"a": [1, null], "b": [1, 0]})", "host_speed.b[1]: a speed is above 0"}}) {
    const auto refused = parse_family(
        R"({"family": "f", "kind": "AA", "metrics": [{"name": "m", "a": [1, 2], "b": [1, 2], "host_speed": )" +
            std::string(speeds) + "}]}",
        "f");
    ASSERT_FALSE(refused) << speeds;
    EXPECT_NE(refused.error().message.find(told), std::string::npos) << refused.error().message;
  }
}

}  // namespace
}  // namespace ktstr
