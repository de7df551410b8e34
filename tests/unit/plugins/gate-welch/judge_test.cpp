// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "framework/comparisons.hpp"

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ktstr_comparison compare(const std::vector<double>& before, const std::vector<double>& after,
                         std::uint32_t polarity) {
  ktstr_comparison comparison{};
  comparison.size = sizeof comparison;
  comparison.history = ktstr::testing::no_history();
  comparison.polarity = polarity;
  comparison.baseline = ktstr::testing::samples(before.data(), nullptr, nullptr, before.size());
  comparison.head = ktstr::testing::samples(after.data(), nullptr, nullptr, after.size());
  comparison.baseline_estimate = comparison.head_estimate = kNaN;  // means stand in
  return comparison;
}

ktstr_verdict blank() {
  ktstr_verdict verdict{};
  verdict.size = sizeof verdict;
  verdict.effect_abs = verdict.effect_rel = verdict.statistic = verdict.df = verdict.p_value = kNaN;
  verdict.ratio = verdict.ci_low = verdict.ci_high = verdict.mde = kNaN;
  return verdict;
}

ktstr_verdict judge(const std::vector<double>& before, const std::vector<double>& after,
                    std::uint32_t polarity = KTSTR_LOWER_IS_BETTER, double alpha = 0.05) {
  ktstr_verdict verdict = blank();
  ktstr::welch::judge(compare(before, after, polarity), alpha, verdict);
  return verdict;
}

TEST(WelchGate, SeparatesByTest) {
  const ktstr_verdict verdict = judge({10, 10.2, 9.9, 10.1, 12.0}, {12.1, 11.9, 12, 12.2, 11.95});
  EXPECT_EQ(verdict.outcome, KTSTR_REGRESSED);
  EXPECT_EQ(verdict.flags, KTSTR_VERDICT_SEPARATED_T);
  EXPECT_LT(verdict.p_value, 0.05);
  EXPECT_GT(verdict.statistic, 0) << "the sign is that of head - baseline";
}

TEST(WelchGate, SeparatesByBandsAlone) {
  const ktstr_verdict verdict = judge({1, 2}, {3, 4});
  EXPECT_EQ(verdict.outcome, KTSTR_REGRESSED);
  EXPECT_EQ(verdict.flags, KTSTR_VERDICT_SEPARATED_BANDS);
  EXPECT_NEAR(verdict.p_value, 0.1055728, 1e-6);
  EXPECT_STREQ(verdict.text, "only the min-max bands are disjoint (33 % by chance)");
}

TEST(WelchGate, OverlapThatTheTestCannotSeparateIsUnchanged) {
  const ktstr_verdict verdict = judge({1, 2, 3}, {2, 3, 4});
  EXPECT_EQ(verdict.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(verdict.flags, 0u);
}

TEST(WelchGate, TouchingBandsAreNotDisjoint) { EXPECT_EQ(judge({1, 2}, {2, 3}).outcome, KTSTR_UNCHANGED); }

TEST(WelchGate, PolarityTurnsTheDirection) {
  EXPECT_EQ(judge({1, 2}, {3, 4}, KTSTR_HIGHER_IS_BETTER).outcome, KTSTR_IMPROVED);
  EXPECT_EQ(judge({3, 4}, {1, 2}, KTSTR_HIGHER_IS_BETTER).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge({3, 4}, {1, 2}).outcome, KTSTR_IMPROVED);
}

TEST(WelchGate, AlphaIsTheLevelOfTheTest) {
  const std::vector<double> a = {1, 2, 3, 4, 5}, b = {2, 4, 6, 8, 10};  // p = 0.1075
  EXPECT_EQ(judge(a, b).outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(judge(a, b, KTSTR_LOWER_IS_BETTER, 0.2).outcome, KTSTR_REGRESSED);
}

TEST(WelchGate, TooFewValuesAreInconclusive) {
  using Values = std::vector<double>;
  for (const auto& [a, b] :
       std::vector<std::pair<Values, Values>>{{{}, {}}, {{1}, {2}}, {{1, 2}, {3}}, {{}, {1, 2}}}) {
    const ktstr_verdict verdict = judge(a, b);
    EXPECT_EQ(verdict.outcome, KTSTR_INCONCLUSIVE);
    EXPECT_TRUE(std::isnan(verdict.p_value));
    EXPECT_NE(verdict.text[0], '\0');
  }
  EXPECT_STREQ(judge({1, 2}, {3}).text, "needs at least 2 runs a side, has 2 and 1");
}

TEST(WelchGate, NoSpreadAtAll) {
  const ktstr_verdict same = judge({5, 5, 5}, {5, 5, 5});
  EXPECT_EQ(same.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(same.statistic, 0);
  EXPECT_EQ(same.p_value, 1);
  const ktstr_verdict differ = judge({5, 5, 5}, {6, 6, 6});
  EXPECT_EQ(differ.outcome, KTSTR_REGRESSED);
  EXPECT_EQ(differ.flags, KTSTR_VERDICT_SEPARATED_BANDS);
  EXPECT_TRUE(std::isnan(differ.statistic)) << "there is no t without variance";
  EXPECT_NEAR(differ.p_value, 0.1, 1e-15) << "the exact rank test's, never 0";
  EXPECT_STREQ(differ.text, "no spread on either side, bands are disjoint (10 % by chance)");
}

TEST(WelchGate, SpreadOnOneSideOnly) {
  const ktstr_verdict verdict = judge({5, 5, 5}, {6, 7, 8});
  EXPECT_EQ(verdict.flags, KTSTR_VERDICT_SEPARATED_BANDS);
  EXPECT_NEAR(verdict.p_value, 0.0741799002274, 1e-12);
  EXPECT_NEAR(verdict.df, 2, 1e-12);
}

TEST(WelchGate, ZeroBaseline) {
  const ktstr_verdict verdict = judge({0, 0, 0}, {4, 5, 6});
  EXPECT_EQ(verdict.outcome, KTSTR_REGRESSED);
  EXPECT_TRUE(std::isinf(verdict.effect_rel));
  EXPECT_TRUE(std::isnan(verdict.ratio));
  EXPECT_TRUE(std::isnan(verdict.ci_low));
  EXPECT_TRUE(std::isnan(verdict.mde));
  EXPECT_EQ(judge({0, 0}, {0, 0}).outcome, KTSTR_UNCHANGED);
}

TEST(WelchGate, TheScaleOfTheValuesDoesNotMatter) {
  const ktstr_verdict plain = judge({1, 2, 3}, {4, 5, 6});
  for (const double scale : {0x1p-1060, 0x1p-600, 0x1p600, 0x1p1021}) {
    const ktstr_verdict verdict = judge({scale, 2 * scale, 3 * scale}, {4 * scale, 5 * scale, 6 * scale});
    EXPECT_EQ(verdict.outcome, plain.outcome) << scale;
    EXPECT_EQ(verdict.flags, plain.flags) << scale;
    EXPECT_EQ(verdict.p_value, plain.p_value) << scale;
    EXPECT_EQ(verdict.ratio, plain.ratio) << scale;
    EXPECT_EQ(verdict.mde, plain.mde) << scale;
  }
}

TEST(WelchGate, TheWholeRangeOfNumbersHasAnAnswer) {
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  const ktstr_verdict wide = judge({-huge, huge}, {-huge, huge});
  EXPECT_EQ(wide.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(wide.p_value, 1);
  const ktstr_verdict apart = judge({tiny, 2 * tiny}, {huge, huge});
  EXPECT_EQ(apart.outcome, KTSTR_REGRESSED);
  EXPECT_FALSE(std::isnan(apart.p_value));
}

TEST(WelchGate, ValuesThatAreNotFiniteAreInconclusive) {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(judge({1, nan}, {3, 4}).outcome, KTSTR_INCONCLUSIVE);
  EXPECT_EQ(judge({1, 2}, {3, infinity}).outcome, KTSTR_INCONCLUSIVE);
  EXPECT_NE(judge({1, 2}, {3, infinity}).text[0], '\0');
}

TEST(WelchGate, EffectIsThatOfTheEstimates) {
  const std::vector<double> a = {10, 20}, b = {30, 50};
  ktstr_comparison comparison = compare(a, b, KTSTR_LOWER_IS_BETTER);
  comparison.baseline_estimate = 20;  // a metric that is folded to its maximum
  comparison.head_estimate = 50;
  ktstr_verdict verdict = blank();
  ktstr::welch::judge(comparison, 0.05, verdict);
  EXPECT_EQ(verdict.effect_abs, 30);
  EXPECT_EQ(verdict.effect_rel, 1.5);
  EXPECT_DOUBLE_EQ(verdict.ratio, 40.0 / 15);
}

TEST(WelchGate, TheIntervalHoldsTheRatio) {
  const ktstr_verdict verdict = judge({10, 10.2, 9.9}, {12.1, 11.9, 12});
  EXPECT_LT(verdict.ci_low, verdict.ratio);
  EXPECT_GT(verdict.ci_high, verdict.ratio);
  EXPECT_GT(verdict.ci_low, 1);
  EXPECT_GT(verdict.mde, 0);
}

TEST(WelchGate, AnExactMetricThatVariesIsPointedOut) {
  const std::vector<double> a = {5, 5, 6}, b = {5, 6, 6};
  ktstr_comparison comparison = compare(a, b, KTSTR_LOWER_IS_BETTER);
  comparison.metric_class = KTSTR_CLASS_EXACT;
  ktstr_verdict verdict = blank();
  ktstr::welch::judge(comparison, 0.05, verdict);
  EXPECT_EQ(verdict.outcome, KTSTR_UNCHANGED);
  EXPECT_STREQ(verdict.text, "an exact metric varies between runs");
}

}  // namespace
