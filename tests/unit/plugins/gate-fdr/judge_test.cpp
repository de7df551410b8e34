// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "comparisons.hpp"

namespace ktstr::fdr {
namespace {

// By itself, unpaired and without history a metric is judged by Welch's test on logarithms. Values at 40
// digits from outside.
TEST(Judge, AgreesWithTheReferencesOnLogarithms) {
  const ktstr_verdict v = judge_one({100, 110, 120}, {150, 160, 175});
  EXPECT_NEAR(v.statistic, 5.58647207341, 1e-10 * 5.6);
  EXPECT_NEAR(v.df, 3.8972810586, 1e-10 * 3.9);
  EXPECT_NEAR(v.p_value, 0.00543817404894 / 2, 1e-10 * 0.0027);
  EXPECT_NEAR(v.ratio, 1.470816364, 1e-9);
  const ktstr_verdict doublings = judge_one({1, 2, 4}, {8, 16, 32});
  EXPECT_NEAR(doublings.statistic, 3.67423461417, 1e-10 * 3.7);
  EXPECT_NEAR(doublings.df, 4, 1e-10);
  EXPECT_NEAR(doublings.p_value, 0.0213116411288 / 2, 1e-10 * 0.0107);
  EXPECT_NEAR(doublings.ratio, 8, 1e-12);
}

TEST(Judge, HistoryAddsDegreesOfFreedomUpToTheLimit) {
  for (const auto& [own, expected] : {std::pair{90.0, 12.0 + 4}, std::pair{5.0, 5.0 + 4}}) {
    Call call;
    call.add({100, 101, 102}, {103, 104, 106}).history =
        testing::history({sizeof(ktstr_history), 0, 0.0004, own, kNaN, kNaN, 3});
    EXPECT_EQ(call.judge()[0].df, expected);
  }
  Call call;  // a pair of independent readings varies twice as much as one
  call.add({100, 101, 102}, {103, 104, 106}, KTSTR_COMPARISON_PAIRED).history =
      testing::history({sizeof(ktstr_history), 0, 0.0004, 90, kNaN, kNaN, 3});
  call.add({100, 101, 102}, {103, 104, 106}, KTSTR_COMPARISON_PAIRED).history =
      testing::history({sizeof(ktstr_history), 0, 0.0004, 90, 0.0008, 90, 3});
  const auto verdicts = call.judge();
  EXPECT_EQ(verdicts[0].statistic, verdicts[1].statistic);
}

Call noisy(std::size_t metrics, std::size_t runs, std::uint32_t flags, double scale = 1, bool swapped = false,
           bool backwards = false) {
  std::mt19937_64 random(5);
  const auto number = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  std::vector<std::pair<Values, Values>> all;
  for (std::size_t m = 0; m < metrics; ++m) {
    Values a, b;
    for (std::size_t i = 0; i < runs; ++i) {
      a.push_back(scale * (100 + 3 * number() * static_cast<double>(m + 1)));
      b.push_back(scale * (100 + 3 * number() * static_cast<double>(m + 1)) * (m % 4 == 0 ? 1.2 : 1));
    }
    all.emplace_back(a, b);
  }
  if (backwards) std::reverse(all.begin(), all.end());
  Call call;
  for (auto& [a, b] : all) {
    ktstr_comparison& c = swapped ? call.add(b, a, flags) : call.add(a, b, flags);
    c.rel_gate = 0.05;
    c.polarity = swapped ? KTSTR_HIGHER_IS_BETTER : KTSTR_LOWER_IS_BETTER;
  }
  return call;
}

class Properties : public ::testing::TestWithParam<std::pair<std::size_t, std::uint32_t>> {};
INSTANTIATE_TEST_SUITE_P(RunsAndPairs, Properties,
                         ::testing::Values(std::pair{3U, 0U}, std::pair{5U, KTSTR_COMPARISON_PAIRED},
                                           std::pair{10U, KTSTR_COMPARISON_PAIRED}, std::pair{10U, 0U},
                                           std::pair{5U, KTSTR_COMPARISON_CACHED}));

TEST_P(Properties, SwappedSidesMirror) {
  const auto [runs, flags] = GetParam();
  const auto forwards = noisy(12, runs, flags).judge(), backwards = noisy(12, runs, flags, 1, true).judge();
  for (std::size_t i = 0; i < forwards.size(); ++i) {
    EXPECT_NEAR(forwards[i].statistic, -backwards[i].statistic, 1e-9 * std::fabs(forwards[i].statistic));
    EXPECT_NEAR(forwards[i].p_value, backwards[i].p_value, 1e-9) << "harm is harm from either side";
    EXPECT_NEAR(forwards[i].q_value, backwards[i].q_value, 1e-9);
    EXPECT_NEAR(forwards[i].ratio * backwards[i].ratio, 1, 1e-12);
    EXPECT_NEAR(forwards[i].ci_low * backwards[i].ci_high, 1, 1e-12);
    EXPECT_EQ(forwards[i].outcome == KTSTR_REGRESSED, backwards[i].outcome == KTSTR_REGRESSED) << i;
  }
}

TEST_P(Properties, TheOrderOfTheBatchDoesNotMatter) {
  const auto [runs, flags] = GetParam();
  const auto forwards = noisy(12, runs, flags).judge(),
             backwards = noisy(12, runs, flags, 1, false, true).judge();
  for (std::size_t i = 0; i < forwards.size(); ++i) {
    const ktstr_verdict& mirrored = backwards[forwards.size() - 1 - i];
    EXPECT_EQ(forwards[i].outcome, mirrored.outcome);
    EXPECT_NEAR(forwards[i].q_value, mirrored.q_value, 1e-12);
    EXPECT_NEAR(forwards[i].mde, mirrored.mde, 1e-9 * mirrored.mde);
  }
}

TEST_P(Properties, UnitsDoNotMatter) {
  const auto [runs, flags] = GetParam();
  const auto plain = noisy(12, runs, flags).judge();
  for (const double scale : {1e-9, 1e3, 0x1p-900, 0x1p900}) {
    const auto scaled = noisy(12, runs, flags, scale).judge();
    for (std::size_t i = 0; i < plain.size(); ++i) {
      EXPECT_EQ(plain[i].outcome, scaled[i].outcome) << scale;
      EXPECT_NEAR(plain[i].p_value, scaled[i].p_value, 1e-10) << scale;
      EXPECT_NEAR(plain[i].ratio, scaled[i].ratio, 1e-10) << scale;
    }
  }
}

TEST(Judge, ManyMetricsRaiseTheBar) {
  const Values a = {100, 101, 102, 103, 104}, b = {106, 108, 107, 110, 109};
  const ktstr_verdict alone = judge_one(a, b);
  Call call;
  call.add(a, b);
  for (int i = 0; i < 50; ++i) call.add({100, 110, 90, 105, 95}, {100, 95, 105, 91, 109});
  const ktstr_verdict among = call.judge()[0];
  EXPECT_GT(among.q_value, alone.q_value);
  EXPECT_GT(among.mde, alone.mde);
}

TEST(Judge, InformationalMetricsAndExtremesDoNotCountAgainstTheOthers) {
  const Values a = {100, 101, 102, 103, 104}, b = {106, 108, 107, 110, 109};
  Call call;
  call.add(a, b);
  call.add({5, 9, 7, 8, 6}, {6, 8, 7, 9, 5}).polarity = KTSTR_INFORMATIONAL;
  call.add({5, 9, 7, 8, 6}, {50, 90, 70, 80, 60}).metric_class = KTSTR_CLASS_EXTREME;
  const auto verdicts = call.judge();
  EXPECT_EQ(verdicts[0].q_value, judge_one(a, b).q_value);
  EXPECT_EQ(verdicts[2].outcome, KTSTR_UNCHANGED);
  EXPECT_NE(std::string(verdicts[2].text).find("extreme"), std::string::npos) << verdicts[2].text;
  EXPECT_LT(verdicts[2].p_value, 0.01);
  Options options;
  options.extremes = true;
  EXPECT_EQ(call.judge(options)[2].outcome, KTSTR_REGRESSED);
}

TEST(Judge, MaterialNeedsBothGates) {
  const Values a = {100, 100.1, 100.2, 99.9}, b = {108, 108.1, 107.9, 108.2};
  const auto outcome = [&](double abs_gate, double rel_gate) {
    Call call;
    ktstr_comparison& c = call.add(a, b);
    c.abs_gate = abs_gate;
    c.rel_gate = rel_gate;
    return call.judge()[0].outcome;
  };
  EXPECT_EQ(outcome(5, 0.05), KTSTR_REGRESSED);
  EXPECT_EQ(outcome(5, 0.10), KTSTR_EQUIVALENT);
  EXPECT_EQ(outcome(20, 0.05), KTSTR_EQUIVALENT) << "inside one gate is enough";
}

TEST(Judge, TellsEquivalentFromCouldNotTell) {
  Call call;
  call.add({100, 100.5, 99.5, 100.2}, {100.1, 100.4, 99.7, 100}).rel_gate = 0.05;
  call.add({100, 130, 80, 110}, {95, 120, 105, 85}).rel_gate = 0.05;
  const auto verdicts = call.judge();
  EXPECT_EQ(verdicts[0].outcome, KTSTR_EQUIVALENT);
  EXPECT_LT(verdicts[0].mde, 0.05);
  EXPECT_EQ(verdicts[1].outcome, KTSTR_INCONCLUSIVE);
  EXPECT_GT(verdicts[1].mde, 0.05);
  EXPECT_NE(std::string(verdicts[1].text).find("needs about"), std::string::npos) << verdicts[1].text;
}

TEST(Judge, ImprovementsAreJudgedAlike) {
  const ktstr_verdict worse = judge_one({100, 101, 102, 103}, {120, 121, 122, 125}),
                      better = judge_one({120, 121, 122, 125}, {100, 101, 102, 103});
  EXPECT_EQ(worse.outcome, KTSTR_REGRESSED);
  EXPECT_EQ(better.outcome, KTSTR_IMPROVED);
  EXPECT_NEAR(worse.p_value, better.p_value, 1e-12) << "each in the direction of its outcome";
}

TEST(Judge, AnOutlierDoesNotHideAShiftOfMostRuns) {
  const ktstr_verdict v = judge_one({100, 101, 99, 100.5, 99.5, 101.5, 98.5, 140},
                                    {110, 111, 109, 110.5, 109.5, 111.5, 108.5, 112});
  EXPECT_EQ(v.outcome, KTSTR_REGRESSED);
  EXPECT_GT(v.statistic, 0);
  EXPECT_LT(v.statistic, 1.8) << "the t test alone would not see it";
}

TEST(Judge, ABaselineOfAnotherSessionIsTrustedLess) {
  const Values a = {100, 101, 102, 103, 104}, b = {104, 106, 105, 107, 103};
  const ktstr_verdict same = judge_one(a, b), other = judge_one(a, b, KTSTR_COMPARISON_CACHED);
  EXPECT_LT(same.p_value, other.p_value);
  EXPECT_LT(same.mde, other.mde);
  EXPECT_EQ(same.outcome, KTSTR_REGRESSED);
  EXPECT_NE(other.outcome, KTSTR_REGRESSED);
  Options options;
  options.session_spread = 0;
  EXPECT_EQ(judge_one(a, b, KTSTR_COMPARISON_CACHED, options).p_value, same.p_value);
}

TEST(Judge, FewRunsOfAnotherSessionAreAdvice) {
  Call call;
  call.add({100, 100.1}, {200, 200.1}, KTSTR_COMPARISON_CACHED).history =
      testing::history({sizeof(ktstr_history), 0, 1e-6, 20, kNaN, kNaN, 4});
  const ktstr_verdict v = call.judge()[0];
  EXPECT_EQ(v.outcome, KTSTR_INCONCLUSIVE);
  EXPECT_NE(std::string(v.text).find("advice"), std::string::npos) << v.text;
}

TEST(Judge, OptionsMoveTheBar) {
  const Values a = {100, 101, 102, 103, 104}, b = {106, 108, 107, 110, 109};
  Options strict, lax, margin;
  strict.q = 1e-6;
  margin.margin = 1;
  EXPECT_NE(judge_one(a, b, 0, strict).outcome, KTSTR_REGRESSED);
  EXPECT_EQ(judge_one(a, b, 0, lax).outcome, KTSTR_REGRESSED);
  Call call;
  call.add(a, b).rel_gate = 0.05;
  EXPECT_GT(call.judge(margin)[0].p_value, call.judge()[0].p_value);
  Options holm;
  holm.strict = true;
  Call many = noisy(12, 5, 0), again = noisy(12, 5, 0);
  const auto usual = many.judge(), careful = again.judge(holm);
  for (std::size_t i = 0; i < usual.size(); ++i) EXPECT_GE(careful[i].q_value * 1.05, usual[i].q_value);
}

}  // namespace
}  // namespace ktstr::fdr
