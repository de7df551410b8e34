// SPDX-License-Identifier: Apache-2.0
#include "show/outliers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<SidecarRecord> results(const std::string& test, const std::string& metric,
                                   const std::vector<double>& values) {
  std::vector<SidecarRecord> out;
  for (const double value : values) {
    SidecarRecord record;
    record.test = test;
    record.scheduler = "s";
    record.work_type = "w";
    record.topology = "t" + std::to_string(out.size());
    record.passed = true;
    record.values[metric] = value;
    out.push_back(record);
  }
  return out;
}

OutlierReport find(std::vector<std::vector<SidecarRecord>> scenarios,
                   OutlierRule rule = OutlierRule::kRobust) {
  std::vector<const SidecarRecord*> records;
  for (const auto& scenario : scenarios) {
    for (const SidecarRecord& record : scenario) records.push_back(&record);
  }
  return find_outliers(records, MetricRegistry(), rule);
}

TEST(Outliers, StandOutOfTheirOwnScenario) {
  const OutlierReport report = find({results("slow", "worst_gap_ms", {5000, 5100, 5050, 4950, 5020}),
                                     results("fast", "worst_gap_ms", {10, 12, 11, 900, 10, 9})});
  ASSERT_EQ(report.found.size(), 1U);  // "slow" is slow everywhere
  EXPECT_EQ(report.found[0].scenario, "fast (s, w)");
  EXPECT_EQ(report.found[0].value, 900);
  EXPECT_EQ(report.found[0].centre, 10.5);
  EXPECT_THAT(report.found[0].worst_on, ElementsAre("t3"));
  EXPECT_NEAR(report.found[0].deviations, (900 - 10.5) * 0.6745 / 1,
              1e-9);  // distances .5 .5 .5 1.5 1.5 889.5
}

TEST(Outliers, BothPolarities) {
  const OutlierReport report = find({results("a", "total_iterations", {1000, 1010, 990, 1005, 300, 2000})});
  ASSERT_EQ(report.found.size(), 1U);
  EXPECT_EQ(report.found[0].value, 300);  // 2000 is better
  EXPECT_LT(report.found[0].deviations, 0);
}

TEST(Outliers, ThatNobodyWouldMindAreNone) {
  EXPECT_THAT(find({results("a", "worst_gap_ms", {10, 10.1, 10.2, 9.9, 40})}).found,
              IsEmpty());  // below the gate of 500 ms
}

TEST(Outliers, MostlyEqualValuesStillHaveOne) {
  const OutlierReport report = find({results("a", "stuck_count", {0, 0, 0, 0, 50})});
  ASSERT_EQ(report.found.size(), 1U);
  EXPECT_NEAR(report.found[0].deviations, 50 / (10 * 1.253314), 1e-9);
  EXPECT_THAT(find({results("a", "stuck_count", {3, 3, 3, 3, 3})}).found, IsEmpty());
}

TEST(Outliers, FewValuesHaveNoMiddle) {
  const OutlierReport report = find({results("a", "worst_gap_ms", {10, 11, 12, 9000})});
  EXPECT_EQ(report.judged, 0U);
  EXPECT_EQ(outliers_text(report, 0),
            "No outliers: no scenario has results on 5 topologies or more to compare.\n");
  EXPECT_EQ(outliers_text(find({results("a", "worst_gap_ms", {10, 10, 10, 10, 10})}), 0),
            "No outliers detected.\n");
}

TEST(Outliers, RunsThatDidNotPassHaveNoSay) {
  auto rows = results("a", "worst_gap_ms", {10, 11, 12, 9, 10, 9000});
  rows.back().passed = false;
  EXPECT_THAT(find({rows}).found, IsEmpty());
}

TEST(Outliers, BySigmaOverAllResults) {
  const OutlierReport report =
      find({results("a", "worst_spread", {1, 1, 1, 1}), results("b", "worst_spread", {1, 1, 1, 1}),
            results("c", "worst_spread", {60})},
           OutlierRule::kSigma);
  ASSERT_EQ(report.found.size(), 1U);
  EXPECT_EQ(report.found[0].scenario, "c");
  EXPECT_EQ(outliers_text(report, 0),
            "Outliers (scenario's mean above mean + 2σ of all results):\n  c: worst_spread 60.0 % (overall "
            "avg 7.6, +2.7σ)\n    worst on: t0\n");
  EXPECT_THAT(
      find({results("a", "total_iterations", {1000, 1000, 1000, 1000, 1000, 1000, 1})}, OutlierRule::kSigma)
          .found,
      IsEmpty());
}

TEST(Outliers, FarthestFirstAndSafeToShow) {
  const OutlierReport report = find({results("x\x1b[2J", "worst_gap_ms", {10, 12, 11, 900, 10, 9}),
                                     results("b", "worst_gap_ms", {10, 12, 11, 9000, 10, 9})});
  ASSERT_EQ(report.found.size(), 2U);
  EXPECT_EQ(report.found[0].scenario, "b (s, w)");
  EXPECT_THAT(outliers_text(report, 0), HasSubstr("x\\x1b[2J (s, w)"));
  EXPECT_EQ(outliers_json(report).at("found").at(0).at("worst_on").at(0), "t3");
}

}  // namespace
}  // namespace ktstr
