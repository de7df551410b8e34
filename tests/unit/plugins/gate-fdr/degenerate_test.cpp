// SPDX-License-Identifier: Apache-2.0
//
// Input that has no variance, no number or no sense: each row has one answer, and never certainty.
#include <gtest/gtest.h>

#include <string>

#include "comparisons.hpp"

namespace ktstr::fdr {
namespace {

TEST(Degenerate, NoSpreadAndEqual) {
  const ktstr_verdict v = judge_one({5, 5, 5}, {5, 5, 5});
  EXPECT_EQ(v.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(v.statistic, 0);
  EXPECT_EQ(v.p_value, 1);
  EXPECT_EQ(v.effect_abs, 0);
  EXPECT_STREQ(v.text, "identical");
}

TEST(Degenerate, NoSpreadAndDifferent) {
  const ktstr_verdict three = judge_one({5, 5, 5}, {6, 6, 6});
  EXPECT_EQ(three.outcome, KTSTR_INCONCLUSIVE);
  EXPECT_NEAR(three.p_value, 0.1, 1e-12);
  EXPECT_TRUE(std::isnan(three.statistic));
  EXPECT_NE(std::string(three.text).find("no spread"), std::string::npos) << three.text;
  const ktstr_verdict ten = judge_one(Values(10, 5.0), Values(10, 6.0));
  EXPECT_EQ(ten.outcome, KTSTR_REGRESSED) << "ten equal readings on each side are hardly chance";
  EXPECT_NEAR(ten.p_value, 1.0 / 92378, 1e-12);
}

TEST(Degenerate, ResolutionHistoryOrOtherMetricsStandInForSpread) {
  Call resolution, history, others;
  resolution.add({5, 5, 5}, {6, 6, 6}).resolution = 1;
  history.add({5, 5, 5}, {6, 6, 6}).history =
      testing::history({sizeof(ktstr_history), 0, 0.0004, 20, kNaN, kNaN, 2});
  others.add({5, 5, 5}, {6, 6, 6});
  for (int i = 0; i < 20; ++i) others.add({100, 101 + i * 0.1, 99}, {101, 99, 100 + i * 0.2});
  for (Call* call : {&resolution, &history, &others}) {
    const ktstr_verdict v = call->judge()[0];
    EXPECT_TRUE(std::isfinite(v.statistic));
    EXPECT_GT(v.p_value, 0);
    EXPECT_LT(v.p_value, 0.1);
  }
}

// Equal sides are tested with what stands in for spread, so how much they would have shown depends on the
// level.
TEST(Degenerate, EqualSidesMayHideAChangeWhenTheLevelIsHarsh) {
  const auto flags = [](double q, double value, double resolution, double rel_gate, double abs_gate) {
    Call call;
    ktstr_comparison& c = call.add(Values(3, value), Values(3, value));
    c.metric_class = KTSTR_CLASS_COUNT;
    c.resolution = resolution;
    c.rel_gate = rel_gate;
    c.abs_gate = abs_gate;
    Options options;
    options.q = q;
    const ktstr_verdict v = call.judge(options)[0];
    EXPECT_EQ(v.outcome, KTSTR_UNCHANGED);
    EXPECT_EQ(v.p_value, 1);
    return v.flags & KTSTR_VERDICT_UNDERPOWERED;
  };
  EXPECT_EQ(flags(0.05, 1000, 1, 0.1, 0), 0U);
  EXPECT_NE(flags(1e-6, 20, 1, 0.1, 0), 0U);
  EXPECT_EQ(flags(0.05, 0, 1, 0.1, 20), 0U) << "of what is 0 the absolute gate decides";
  EXPECT_NE(flags(0.05, 0, 1, 0.1, 0.1), 0U) << "less than a step can show";
  EXPECT_EQ(flags(1e-6, 1000, 0, 0.1, 0), 0U)
      << "with nothing to test with a change is inconclusive, which is not hidden";
}

TEST(Degenerate, ExactMetrics) {
  const auto judge = [](Values a, Values b, std::uint32_t polarity) {
    Call call;
    ktstr_comparison& c = call.add(std::move(a), std::move(b));
    c.metric_class = KTSTR_CLASS_EXACT;
    c.polarity = polarity;
    c.rel_gate = 0.5;
    return call.judge()[0];
  };
  EXPECT_EQ(judge({5, 5, 5}, {6, 6, 6}, KTSTR_LOWER_IS_BETTER).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge({5}, {6}, KTSTR_HIGHER_IS_BETTER).outcome, KTSTR_IMPROVED);
  EXPECT_EQ(judge({6}, {5}, KTSTR_HIGHER_IS_BETTER).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge({5, 5}, {5, 5}, KTSTR_LOWER_IS_BETTER).outcome, KTSTR_UNCHANGED);
  const ktstr_verdict varies = judge({5, 5, 6}, {5, 6, 6}, KTSTR_LOWER_IS_BETTER);
  EXPECT_NE(varies.outcome, KTSTR_REGRESSED);
  EXPECT_NE(std::string(varies.text).find("an exact metric varies"), std::string::npos) << varies.text;
}

TEST(Degenerate, OneRun) {
  const ktstr_verdict v = judge_one({5}, {6});
  EXPECT_EQ(v.outcome, KTSTR_INCONCLUSIVE);
  EXPECT_TRUE(std::isnan(v.p_value));
  EXPECT_STREQ(v.text, "needs at least 2 runs a side, has 1 and 1");
  EXPECT_STREQ(judge_one({5}, {6, 7}).text, "needs at least 2 runs a side, has 1 and 2");
  Call call;
  call.add({100}, {200}).history = testing::history({sizeof(ktstr_history), 0, 0.0004, 20, kNaN, kNaN, 2});
  const ktstr_verdict with_history = call.judge()[0];
  EXPECT_EQ(with_history.outcome, KTSTR_REGRESSED);
  EXPECT_EQ(with_history.df, 12);
  EXPECT_GT(with_history.p_value, 0);
}

TEST(Degenerate, NoRun) {
  EXPECT_STREQ(judge_one({}, {5, 6}).text, "the baseline has no value");
  EXPECT_STREQ(judge_one({5, 6}, {}).text, "HEAD has no value");
  EXPECT_EQ(judge_one({}, {}).outcome, KTSTR_INCONCLUSIVE);
}

TEST(Degenerate, ValuesThatAreNoNumbersAreLeftOut) {
  const double infinity = std::numeric_limits<double>::infinity();
  const ktstr_verdict v = judge_one({100, 101, kNaN, 102}, {120, infinity, 121, 122});
  EXPECT_EQ(v.outcome, KTSTR_REGRESSED);
  EXPECT_NE(std::string(v.text).find("2 values that are no finite numbers left out"), std::string::npos)
      << v.text;
  EXPECT_EQ(judge_one({100, kNaN}, {120, 121}).outcome, KTSTR_INCONCLUSIVE);
  EXPECT_EQ(judge_one({kNaN, kNaN}, {120, 121}).outcome, KTSTR_INCONCLUSIVE);
  EXPECT_EQ(judge_one({100, kNaN, 102}, {kNaN, 121, 122}, KTSTR_COMPARISON_PAIRED).outcome,
            KTSTR_INCONCLUSIVE)
      << "one pair is left";
}

TEST(Degenerate, ZeroBaseline) {
  Call call;
  ktstr_comparison& c = call.add({0, 0, 0, 0}, {5, 6, 5, 4});
  c.metric_class = KTSTR_CLASS_COUNT;
  c.abs_gate = 2;
  c.rel_gate = 0.3;
  const ktstr_verdict v = call.judge()[0];
  EXPECT_EQ(v.outcome, KTSTR_REGRESSED);
  EXPECT_TRUE(std::isinf(v.effect_rel));
  EXPECT_TRUE(std::isnan(v.ratio));
  c.abs_gate = 10;
  EXPECT_NE(call.judge()[0].outcome, KTSTR_REGRESSED) << "the absolute gate alone decides";
}

TEST(Degenerate, AllZero) {
  const ktstr_verdict v = judge_one({0, 0, 0}, {0, 0, 0}, KTSTR_COMPARISON_PAIRED);
  EXPECT_EQ(v.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(v.p_value, 1);
}

TEST(Degenerate, NegativeValuesAreJudgedByDifferences) {
  const ktstr_verdict v = judge_one({-3, -2, -1, -2}, {5, 6, 7, 6});
  EXPECT_EQ(v.outcome, KTSTR_REGRESSED);
  EXPECT_TRUE(std::isnan(v.ratio));
  EXPECT_NE(std::string(v.text).find("below 0"), std::string::npos) << v.text;
}

TEST(Degenerate, OneConstantSideHasTheOthersDegreesOfFreedom) {
  EXPECT_NEAR(judge_one({5, 5, 5}, {6, 7, 8}).df, 2, 1e-12);
  EXPECT_NEAR(judge_one({6, 7, 8}, {5, 5, 5}).df, 2, 1e-12);
}

TEST(Degenerate, AHugeCommonOffsetKeepsItsSpread) {
  const ktstr_verdict v = judge_one({1e9 + 1, 1e9 + 2, 1e9 + 3}, {1e9 + 2, 1e9 + 3, 1e9 + 4});
  EXPECT_NEAR(v.statistic, 1.22474487139, 1e-7);
  EXPECT_NEAR(v.p_value, 0.287864134727 / 2, 1e-7);
}

TEST(Degenerate, UnequalNumbersOfRuns) {
  EXPECT_EQ(judge_one({3, 4, 1, 2.1}, {490.2, 340, 433.9}).outcome, KTSTR_REGRESSED);
}

TEST(Degenerate, AllTied) {
  const ktstr_verdict v = judge_one(Values(8, 3.0), Values(8, 3.0));
  EXPECT_EQ(v.p_value, 1);
  EXPECT_EQ(v.outcome, KTSTR_UNCHANGED);
}

TEST(Degenerate, DeterministicRunsThatAgreeAreExactlyUnchanged) {
  const ktstr_verdict v =
      judge_one({7, 9, 8}, {7, 9, 8}, KTSTR_COMPARISON_PAIRED | KTSTR_COMPARISON_DETERMINISTIC);
  EXPECT_EQ(v.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(v.effect_abs, 0);
  EXPECT_EQ(v.effect_rel, 0);
  EXPECT_EQ(v.ratio, 1);
  EXPECT_EQ(v.ci_low, 1);
  EXPECT_EQ(v.ci_high, 1);
  EXPECT_EQ(v.p_value, 1);
}

TEST(Degenerate, TheWholeRangeOfNumbersHasAnAnswer) {
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  for (const auto& [a, b] : std::vector<std::pair<Values, Values>>{{{tiny, 2 * tiny}, {huge, huge / 2}},
                                                                   {{-huge, huge}, {-huge, huge / 2}},
                                                                   {{0, huge}, {tiny, 0}},
                                                                   {{huge, huge}, {huge, huge / 3}}}) {
    const ktstr_verdict v = judge_one(a, b);
    EXPECT_LE(v.outcome, KTSTR_INCONCLUSIVE);
    EXPECT_FALSE(v.p_value == 0);
  }
}

TEST(Degenerate, GatesThatAreNoNumbers) {
  Call call;
  call.add({1, 2, 3}, {4, 5, 6}).rel_gate = kNaN;
  EXPECT_EQ(call.judge()[0].outcome, KTSTR_INCONCLUSIVE);
}

}  // namespace
}  // namespace ktstr::fdr
