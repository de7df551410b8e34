// SPDX-License-Identifier: Apache-2.0
#include "threshold.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "framework/comparisons.hpp"

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(),
                 kInfinity = std::numeric_limits<double>::infinity();

struct Case {
  double baseline, head;
  std::uint32_t polarity = KTSTR_LOWER_IS_BETTER;
  double abs_gate = 10, rel_gate = 0.25;
  std::uint32_t metric_class = KTSTR_CLASS_RATIO;
  ktstr::threshold::Options options = {};
};

ktstr_verdict judge(const Case& c, const std::vector<double>& before, const std::vector<double>& after) {
  ktstr_comparison comparison{};
  comparison.size = sizeof comparison;
  comparison.history = ktstr::testing::no_history();
  comparison.polarity = c.polarity;
  comparison.metric_class = c.metric_class;
  comparison.abs_gate = c.abs_gate;
  comparison.rel_gate = c.rel_gate;
  comparison.baseline = ktstr::testing::samples(before.data(), nullptr, nullptr, before.size());
  comparison.head = ktstr::testing::samples(after.data(), nullptr, nullptr, after.size());
  comparison.baseline_estimate = c.baseline;
  comparison.head_estimate = c.head;
  ktstr_verdict verdict{};
  verdict.size = sizeof verdict;
  verdict.effect_rel = verdict.effect_abs = verdict.ratio = kNaN;
  ktstr::threshold::judge(comparison, c.options, verdict);
  return verdict;
}

ktstr_verdict judge(const Case& c) { return judge(c, {c.baseline}, {c.head}); }

TEST(Threshold, NeedsBothGates) {
  EXPECT_EQ(judge({100, 130}).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge({100, 70}).outcome, KTSTR_IMPROVED);
  EXPECT_EQ(judge({100, 101}).outcome, KTSTR_UNCHANGED);  // neither
  EXPECT_STREQ(judge({100, 101}).text, "");

  const ktstr_verdict absolute_alone = judge({1000, 1020});
  EXPECT_EQ(absolute_alone.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(absolute_alone.flags, KTSTR_VERDICT_MATERIAL_ABS);
  EXPECT_STREQ(absolute_alone.text, "below the relative gate of 25 %");

  const ktstr_verdict relative_alone = judge({4, 8});
  EXPECT_EQ(relative_alone.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(relative_alone.flags, KTSTR_VERDICT_MATERIAL_REL);
  EXPECT_STREQ(relative_alone.text, "below the absolute gate of 10");
}

TEST(Threshold, TheGatesThemselvesCount) {
  EXPECT_EQ(judge({40, 50}).outcome, KTSTR_REGRESSED);  // exactly 10 and exactly 25 %
  EXPECT_EQ(judge({40, std::nextafter(50.0, 0.0)}).outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(judge({40, 30}).outcome, KTSTR_IMPROVED);
  EXPECT_EQ(judge({40, std::nextafter(30.0, 40.0)}).outcome, KTSTR_UNCHANGED);
}

TEST(Threshold, PolarityTurnsTheDirection) {
  EXPECT_EQ(judge({100, 130, KTSTR_HIGHER_IS_BETTER}).outcome, KTSTR_IMPROVED);
  EXPECT_EQ(judge({100, 70, KTSTR_HIGHER_IS_BETTER}).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge({100, 130, KTSTR_INFORMATIONAL}).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge({100, 70, KTSTR_INFORMATIONAL}).outcome, KTSTR_IMPROVED);
}

TEST(Threshold, FromZeroTheAbsoluteGateDecides) {
  const ktstr_verdict verdict = judge({0, 12});
  EXPECT_EQ(verdict.outcome, KTSTR_REGRESSED);
  EXPECT_EQ(verdict.effect_rel, kInfinity);
  EXPECT_TRUE(std::isnan(verdict.ratio));
  EXPECT_EQ(judge({0, -12}).effect_rel, -kInfinity);
  EXPECT_EQ(judge({0, 9}).outcome, KTSTR_UNCHANGED);
}

TEST(Threshold, NoDifferenceReachesNoGate) {
  const ktstr_verdict zero = judge({0, 0, KTSTR_LOWER_IS_BETTER, 0, 0});
  EXPECT_EQ(zero.outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(zero.flags, 0u);
  EXPECT_EQ(zero.effect_rel, 0);
  EXPECT_EQ(judge({7, 7, KTSTR_HIGHER_IS_BETTER, 0, 0}).outcome, KTSTR_UNCHANGED);
}

TEST(Threshold, NegativeBaselinesKeepTheSignOfTheChange) {
  const ktstr_verdict verdict = judge({-100, -50});
  EXPECT_EQ(verdict.outcome, KTSTR_REGRESSED);
  EXPECT_DOUBLE_EQ(verdict.effect_rel, 0.5);
  EXPECT_TRUE(std::isnan(verdict.ratio));
}

TEST(Threshold, PercentReplacesTheRelativeGateOnly) {
  Case c{1000, 1100};  // +100, +10 %
  EXPECT_EQ(judge(c).outcome, KTSTR_UNCHANGED);
  c.options.rel_gate = 0.05;
  EXPECT_EQ(judge(c).outcome, KTSTR_REGRESSED);
  c.abs_gate = 200;
  EXPECT_EQ(judge(c).outcome, KTSTR_UNCHANGED);
  c = {100, 130};
  c.options.rel_gate = 0.5;
  EXPECT_EQ(judge(c).outcome, KTSTR_UNCHANGED);
  EXPECT_STREQ(judge(c).text, "below the relative gate of 50 %");
}

TEST(Threshold, ExactMetricsHaveNoGates) {
  Case c{1000, 1001};
  c.metric_class = KTSTR_CLASS_EXACT;
  c.options.rel_gate = 0.5;
  EXPECT_EQ(judge(c).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge(c).flags, KTSTR_VERDICT_MATERIAL_ABS | KTSTR_VERDICT_MATERIAL_REL);
  EXPECT_STREQ(judge(c).text, "");
  c.head = 999;
  EXPECT_EQ(judge(c).outcome, KTSTR_IMPROVED);
  c.head = 1000;
  EXPECT_EQ(judge(c).outcome, KTSTR_UNCHANGED);
  EXPECT_STREQ(judge(c, {1000, 1000}, {999, 1001}).text, "an exact metric varies between runs");
  EXPECT_EQ(judge(c, {1000, 1000}, {999, 1001}).outcome, KTSTR_UNCHANGED);
}

TEST(Threshold, NothingToCompareIsInconclusive) {
  EXPECT_EQ(judge({100, 130}, {}, {130}).outcome, KTSTR_INCONCLUSIVE);
  EXPECT_STREQ(judge({100, 130}, {}, {130}).text, "the baseline has no value");
  EXPECT_EQ(judge({100, 130}, {100}, {}).outcome, KTSTR_INCONCLUSIVE);
  EXPECT_STREQ(judge({100, 130}, {100}, {}).text, "HEAD has no value");
  EXPECT_EQ(judge({100, kNaN}).outcome, KTSTR_INCONCLUSIVE);
  EXPECT_EQ(judge({kInfinity, 100}).outcome, KTSTR_INCONCLUSIVE);
}

TEST(Threshold, AGateThatIsNoNumberHidesNoRegression) {
  EXPECT_EQ(judge({100, 900, KTSTR_LOWER_IS_BETTER, kNaN, 0.25}).outcome, KTSTR_INCONCLUSIVE);
  EXPECT_EQ(judge({100, 900, KTSTR_LOWER_IS_BETTER, 10, kNaN}).outcome, KTSTR_INCONCLUSIVE);
}

TEST(Threshold, HugeAndTinyValuesHaveAnAnswer) {
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(judge({-huge, huge}).outcome, KTSTR_REGRESSED);  // the difference overflows
  EXPECT_EQ(judge({-huge, huge}).effect_abs, kInfinity);
  EXPECT_EQ(judge({tiny, huge}).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge({tiny, 3 * tiny}).outcome, KTSTR_UNCHANGED);  // +200 % of nothing
}

TEST(Threshold, GivesTheNumbersBehindTheVerdict) {
  const ktstr_verdict verdict = judge({200, 300});
  EXPECT_DOUBLE_EQ(verdict.effect_abs, 100);
  EXPECT_DOUBLE_EQ(verdict.effect_rel, 0.5);
  EXPECT_DOUBLE_EQ(verdict.ratio, 1.5);
  EXPECT_EQ(verdict.flags, KTSTR_VERDICT_MATERIAL_ABS | KTSTR_VERDICT_MATERIAL_REL);
}

}  // namespace
