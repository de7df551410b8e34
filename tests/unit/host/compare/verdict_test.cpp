// SPDX-License-Identifier: Apache-2.0
#include "compare/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace ktstr {
namespace {

using ::testing::HasSubstr;

ktstr_verdict opinion(std::uint32_t outcome, const std::string& text = {}) {
  ktstr_verdict verdict{};
  verdict.size = sizeof verdict;
  verdict.outcome = outcome;
  verdict.effect_abs = verdict.effect_rel = verdict.statistic = verdict.df = verdict.p_value =
      verdict.q_value = verdict.ratio = verdict.ci_low = verdict.ci_high = verdict.mde =
          std::numeric_limits<double>::quiet_NaN();
  text.copy(verdict.text, sizeof verdict.text - 1);
  return verdict;
}

std::uint32_t combined(const std::vector<std::uint32_t>& outcomes) {
  std::vector<ktstr_verdict> verdicts;
  for (const std::uint32_t outcome : outcomes) verdicts.push_back(opinion(outcome));
  std::vector<const ktstr_verdict*> pointers;
  for (const ktstr_verdict& verdict : verdicts) pointers.push_back(&verdict);
  return combine_verdicts(pointers).outcome;
}

TEST(CombineVerdicts, OneGateDecidesAlone) {
  for (const std::uint32_t outcome :
       {KTSTR_UNCHANGED, KTSTR_IMPROVED, KTSTR_REGRESSED, KTSTR_EQUIVALENT, KTSTR_INCONCLUSIVE})
    EXPECT_EQ(combined({outcome}), outcome);
}

TEST(CombineVerdicts, AFindingNeedsEveryGateInOneDirection) {
  EXPECT_EQ(combined({KTSTR_REGRESSED, KTSTR_REGRESSED}), KTSTR_REGRESSED);
  EXPECT_EQ(combined({KTSTR_IMPROVED, KTSTR_IMPROVED, KTSTR_IMPROVED}), KTSTR_IMPROVED);
  EXPECT_EQ(combined({KTSTR_REGRESSED, KTSTR_UNCHANGED}), KTSTR_UNCHANGED);
  EXPECT_EQ(combined({KTSTR_REGRESSED, KTSTR_IMPROVED}), KTSTR_UNCHANGED);
  EXPECT_EQ(combined({KTSTR_REGRESSED, KTSTR_EQUIVALENT}), KTSTR_UNCHANGED);
  EXPECT_EQ(combined({KTSTR_EQUIVALENT, KTSTR_EQUIVALENT}), KTSTR_EQUIVALENT);
}

TEST(CombineVerdicts, AGateThatSaysNoSettlesWhatAnotherCouldNotTell) {
  EXPECT_EQ(combined({KTSTR_INCONCLUSIVE, KTSTR_UNCHANGED}), KTSTR_UNCHANGED);
  EXPECT_EQ(combined({KTSTR_EQUIVALENT, KTSTR_INCONCLUSIVE}), KTSTR_UNCHANGED);
  EXPECT_EQ(combined({KTSTR_INCONCLUSIVE, KTSTR_REGRESSED}), KTSTR_INCONCLUSIVE);
  EXPECT_EQ(combined({KTSTR_REGRESSED, KTSTR_INCONCLUSIVE, KTSTR_UNCHANGED}), KTSTR_UNCHANGED);
}

TEST(CombineVerdicts, NumbersComeFromTheFirstGateThatHasThem) {
  ktstr_verdict first = opinion(KTSTR_REGRESSED, "t = 5"), second = opinion(KTSTR_REGRESSED, "25 %");
  first.p_value = 0.01;
  first.flags = KTSTR_VERDICT_SEPARATED_T;
  second.p_value = 0.5;
  second.effect_rel = 0.25;
  second.flags = KTSTR_VERDICT_MATERIAL_REL;
  const ktstr_verdict both = combine_verdicts({&first, &second});
  EXPECT_EQ(both.p_value, 0.01);
  EXPECT_EQ(both.effect_rel, 0.25);
  EXPECT_TRUE(std::isnan(both.mde));
  EXPECT_EQ(both.flags, KTSTR_VERDICT_SEPARATED_T | KTSTR_VERDICT_MATERIAL_REL);
  EXPECT_STREQ(both.text, "t = 5; 25 %");
}

TEST(CombineVerdicts, TextIsCutAtACodePoint) {
  const ktstr_verdict first = opinion(KTSTR_UNCHANGED, std::string(149, 'a')),
                      second = opinion(KTSTR_UNCHANGED, "bcdef\xC3\xBC\xC3\xBC\xC3\xBC");
  const ktstr_verdict both = combine_verdicts({&first, &second});
  EXPECT_EQ(std::string(both.text), std::string(149, 'a') + "; bcdef\xC3\xBC");
}

VerdictCounter counted(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& rows) {
  VerdictCounter counter;
  for (const auto& [polarity, outcome] : rows) counter.add("worst_gap_ms", polarity, opinion(outcome));
  return counter;
}
constexpr std::uint32_t kLower = KTSTR_LOWER_IS_BETTER;

TEST(VerdictCounter, CountsEachRowOnce) {
  const auto counter = counted({{kLower, KTSTR_REGRESSED},
                                {kLower, KTSTR_IMPROVED},
                                {kLower, KTSTR_UNCHANGED},
                                {kLower, KTSTR_EQUIVALENT},
                                {kLower, KTSTR_INCONCLUSIVE},
                                {KTSTR_INFORMATIONAL, KTSTR_REGRESSED},
                                {KTSTR_INFORMATIONAL, KTSTR_IMPROVED},
                                {KTSTR_INFORMATIONAL, KTSTR_UNCHANGED}});
  EXPECT_EQ(counter.counts().regressed, 1U);
  EXPECT_EQ(counter.counts().improved, 1U);
  EXPECT_EQ(counter.counts().unchanged, 2U);
  EXPECT_EQ(counter.counts().equivalent, 1U);
  EXPECT_EQ(counter.counts().inconclusive, 1U);
  EXPECT_EQ(counter.counts().informational, 2U);
}

TEST(VerdictCounter, TheThresholdIsReachedNotPassed) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rows(4, {kLower, KTSTR_REGRESSED});
  EXPECT_EQ(counted(rows).overall({}), Overall::kPass);
  rows.push_back(rows.front());
  EXPECT_EQ(counted(rows).overall({}), Overall::kFail);
  EXPECT_EQ(counted(rows).overall({0, {}}), Overall::kPass);
  EXPECT_EQ(counted(rows).overall({6, {}}), Overall::kPass);
  EXPECT_EQ(counted({rows.front()}).overall({1, {}}), Overall::kFail);
}

TEST(VerdictCounter, ADeclaredGateFailsAlone) {
  VerdictCounter counter;
  counter.add("worst_gap_ms", kLower, opinion(KTSTR_REGRESSED), true);
  EXPECT_EQ(counter.overall({0, {}}), Overall::kFail);
  VerdictCounter fine;
  fine.add("worst_gap_ms", kLower, opinion(KTSTR_IMPROVED), true);
  fine.add("worst_gap_ms", KTSTR_INFORMATIONAL, opinion(KTSTR_REGRESSED), true);
  EXPECT_EQ(fine.overall({0, {}}), Overall::kPass);
  EXPECT_EQ(fine.overall({0, {"worst_gap_ms"}}),
            Overall::kFail);  // repeated runs let an informational metric be named
}

TEST(VerdictCounter, AMetricThatMustNotRegressFailsAlone) {
  VerdictCounter counter;
  counter.add("worst_gap_ms", kLower, opinion(KTSTR_REGRESSED));
  counter.add("worst_spread", kLower, opinion(KTSTR_IMPROVED));
  const GatePolicy policy{0, {"worst_spread", "worst_gap_ms"}};
  EXPECT_EQ(counter.overall(policy), Overall::kFail);
  EXPECT_EQ(counter.tripped(policy), std::vector<std::string>{"worst_gap_ms"});
  EXPECT_EQ(counter.overall({0, {"worst_spread"}}), Overall::kPass);
}

TEST(VerdictCounter, OneFactCountsOnce) {
  VerdictCounter counter;
  ktstr_verdict found = opinion(KTSTR_REGRESSED);
  for (const char* metric : {"p99", "median", "cv", "tail"})
    counter.add(metric, kLower, found, false, "wake latency");
  counter.add("total_iterations", kLower, found, false, "throughput");
  EXPECT_EQ(counter.counts().regressed, 5U);
  EXPECT_EQ(counter.counts().regressed_families, 2U);
  GatePolicy policy;
  EXPECT_EQ(counter.overall(policy), Overall::kFail) << "the page counts metrics";
  policy.by_family = true;
  EXPECT_EQ(counter.overall(policy), Overall::kPass)
      << "two facts, and no gate that allows for how many it looked at";
  policy.fail_threshold = 2;
  EXPECT_EQ(counter.overall(policy), Overall::kFail);
}

TEST(VerdictCounter, OneIsEnoughWhereTheGateAllowsForHowManyItLookedAt) {
  VerdictCounter counter;
  ktstr_verdict found = opinion(KTSTR_REGRESSED);
  found.q_value = 0.01;
  counter.add("p99", kLower, found, false, "wake latency");
  GatePolicy policy;
  EXPECT_EQ(counter.threshold(policy), 5U);
  policy.by_family = true;
  EXPECT_EQ(counter.threshold(policy), 1U);
  EXPECT_EQ(counter.overall(policy), Overall::kFail);
  policy.fail_threshold = 0;
  EXPECT_EQ(counter.overall(policy), Overall::kPass);
}

TEST(VerdictCounter, InformationalRowsNeverFail) {
  EXPECT_EQ(counted({{KTSTR_INFORMATIONAL, KTSTR_REGRESSED}}).overall({1, {}}), Overall::kPass);
}

TEST(VerdictCounter, NothingAndUnsure) {
  EXPECT_EQ(counted({}).overall({}), Overall::kEmpty);
  EXPECT_EQ(counted({{kLower, KTSTR_INCONCLUSIVE}, {kLower, KTSTR_UNCHANGED}}).overall({}),
            Overall::kInconclusive);
  EXPECT_EQ(counted({{kLower, KTSTR_INCONCLUSIVE}, {kLower, KTSTR_REGRESSED}}).overall({1, {}}),
            Overall::kFail);
}

ktstr_verdict without_power(std::uint32_t outcome = KTSTR_INCONCLUSIVE) {
  ktstr_verdict verdict = opinion(outcome);
  verdict.flags = KTSTR_VERDICT_UNDERPOWERED;
  return verdict;
}

TEST(CombineVerdicts, LacksPowerOnlyWhenNothingElseIsMissing) {
  const ktstr_verdict power = without_power(), values = opinion(KTSTR_INCONCLUSIVE),
                      red = opinion(KTSTR_REGRESSED);
  EXPECT_NE(combine_verdicts({&power, &red}).flags & KTSTR_VERDICT_UNDERPOWERED, 0U);
  EXPECT_EQ(combine_verdicts({&power, &values}).flags & KTSTR_VERDICT_UNDERPOWERED, 0U);
  ktstr_verdict overruled = power;
  overrule(overruled, KTSTR_INCONCLUSIVE, "no more than sessions differ");
  EXPECT_EQ(overruled.flags, 0U);
}

TEST(VerdictCounter, RowsWithoutPowerAreCountedAndOnlyAllOfThemAreInconclusive) {
  VerdictCounter counter;
  counter.add("worst_gap_ms", kLower, without_power());
  counter.add("worst_run_delay_us", kLower, without_power(KTSTR_UNCHANGED));  // shown, does not gate
  counter.add("total_run_delay", KTSTR_INFORMATIONAL, opinion(KTSTR_UNCHANGED));
  EXPECT_EQ(counter.overall({}), Overall::kInconclusive) << "nothing was decided";
  counter.add("worst_spread", kLower, opinion(KTSTR_UNCHANGED));
  EXPECT_EQ(counter.overall({}), Overall::kPass);
  EXPECT_EQ(counter.counts().inconclusive, 1U);
  EXPECT_EQ(counter.counts().underpowered, 1U);
  counter.add("worst_spread", kLower, opinion(KTSTR_INCONCLUSIVE));
  EXPECT_EQ(counter.overall({}), Overall::kInconclusive) << "values are missing";
}

TEST(Overall, HasNamesAndExitCodes) {
  EXPECT_STREQ(overall_name(Overall::kPass), "pass");
  EXPECT_STREQ(overall_name(Overall::kEmpty), "empty");
  EXPECT_EQ(exit_code_of(Overall::kPass), ExitCode::kFine);
  EXPECT_EQ(exit_code_of(Overall::kFail), ExitCode::kFailed);
  EXPECT_EQ(exit_code_of(Overall::kInconclusive), ExitCode::kInconclusive);
}

TEST(CheckMustFail, KnowsTheRegistry) {
  const MetricRegistry metrics;
  EXPECT_TRUE(check_must_fail({}, metrics, false));
  EXPECT_TRUE(check_must_fail({"worst_gap_ms", "total_iterations"}, metrics, false));
  const Status unknown = check_must_fail({"worst_gap_sm"}, metrics, false);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ExitCode::kUsage);
  EXPECT_THAT(unknown.error().message, HasSubstr("did you mean \"worst_gap_ms\""));
  EXPECT_THAT(check_must_fail({"total_run_delay"}, metrics, false).error().message, HasSubstr("never gates"));
  EXPECT_TRUE(check_must_fail({"total_run_delay"}, metrics, true));
  EXPECT_THAT(check_must_fail({"total_phase_iterations"}, metrics, true).error().message,
              HasSubstr("a part of a rate"));
  EXPECT_THAT(check_must_fail({"wakeup_p99_latency_us"}, metrics, true).error().message,
              HasSubstr("single phases only"));
  EXPECT_THAT(check_must_fail({"wakeup_p99_latency_us_whole"}, metrics, false).error().message,
              HasSubstr("needs --noise-adjust"));
  EXPECT_TRUE(check_must_fail({"wakeup_p99_latency_us_whole"}, metrics, true));
}

TEST(CheckMustFail, KnowsContributedMetrics) {
  MetricRegistry metrics;
  MetricContribution row;
  row.name = "rps";
  ASSERT_TRUE(metrics.add(row));
  EXPECT_TRUE(check_must_fail({"rps"}, metrics, false));
  EXPECT_THAT(check_must_fail({"rpps"}, metrics, false).error().message, HasSubstr("did you mean \"rps\""));
}

}  // namespace
}  // namespace ktstr
