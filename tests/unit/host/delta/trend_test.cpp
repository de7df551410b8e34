// SPDX-License-Identifier: Apache-2.0
#include "delta/trend.hpp"

#include <gtest/gtest.h>

namespace ktstr {
namespace {

SidecarRecord run_of(const std::string& commit, const std::string& session, const std::string& when,
                     double value) {
  SidecarRecord run;
  run.test = "wakeups";
  run.topology = "1n1l2c1t";
  run.kernel = "6.18.2";
  run.project_commit = commit;
  run.session = session;
  run.timestamp = when;
  run.passed = true;
  run.values["worst_gap_ms"] = value;
  return run;
}

std::vector<TrendPoint> trend_of(const MetricComparison& finding, const std::vector<SidecarRecord>& runs) {
  Trends trends({&finding});
  for (const SidecarRecord& run : runs) trends.add(run);
  return trends.of(finding);
}

struct Trend : ::testing::Test {
  const MetricRegistry registry;
  const ScenarioKey scenario{"wakeups", "1n1l2c1t", "", "", "6.18.2", "", ""};
  MetricComparison comparison{scenario, *registry.find("worst_gap_ms"), MetricRule{}};
};

TEST_F(Trend, RunsOfOneCommitAndSessionAreOnePointByTime) {
  const auto points =
      trend_of(comparison, {run_of("b", "s2", "2026-02-02", 6), run_of("a", "s1", "2026-01-01", 4),
                            run_of("b", "s2", "2026-02-01", 2), run_of("b", "s3", "2026-03-01", 9)});
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].commit, "a");
  EXPECT_EQ(points[1].commit, "b");
  EXPECT_EQ(points[1].when, "2026-02-01");
  EXPECT_EQ(points[1].mean, 4);
  EXPECT_EQ(points[1].low, 2);
  EXPECT_EQ(points[1].high, 6);
  EXPECT_EQ(points[1].runs, 2U);
  EXPECT_EQ(points[2].when, "2026-03-01");
}

TEST_F(Trend, WhatCannotBeComparedIsNoPoint) {
  std::vector<SidecarRecord> runs(5, run_of("a", "", "2026-01-01", 4));
  runs[0].passed = false;
  runs[1].project_commit = "a-dirty";
  runs[2].kernel = "6.17.1";
  runs[3].values.clear();
  runs[4].project_commit.clear();
  EXPECT_TRUE(trend_of(comparison, runs).empty());
}

TEST_F(Trend, TheNewestOfManyStay) {
  std::vector<SidecarRecord> runs;
  for (int i = 0; i < 100; ++i)
    runs.push_back(run_of("c" + std::to_string(i), "", std::to_string(1000 + i), i));
  const auto points = trend_of(comparison, runs);
  ASSERT_EQ(points.size(), kMostTrendPoints);
  EXPECT_EQ(points.back().commit, "c99");
}

TEST_F(Trend, RunsOfOtherKernelsNeedNotBeRead) {
  const Trends trends({&comparison});
  EXPECT_TRUE(trends.knows_run("6.18.2-abc1234"));
  EXPECT_FALSE(trends.knows_run("6.18.20-abc1234"));
  EXPECT_FALSE(trends.knows_run("6.17.1-abc1234"));
  EXPECT_FALSE(Trends().knows_run("6.18.2-abc1234"));
}

TEST_F(Trend, WhatIsNoFindingHasNone) {
  Trends trends({&comparison});
  trends.add(run_of("a", "", "2026-01-01", 4));
  const MetricComparison other{scenario, *registry.find("total_migrations"), MetricRule{}};
  EXPECT_TRUE(trends.of(other).empty());
  EXPECT_EQ(trends.of(comparison).size(), 1U);
}

TEST_F(Trend, ACgroupHasItsOwn) {
  SidecarRecord run = run_of("a", "", "2026-01-01", 4);
  CgroupRecord web;
  web.name = "web";
  web.values[cgroup_metric_index("max_gap_ms")] = 7;
  run.cgroups = {web};
  MetricComparison own(scenario, registry.cgroup_rows()[cgroup_metric_index("max_gap_ms")], MetricRule{});
  own.set_cgroup("web");
  const auto points = trend_of(own, {run});
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].mean, 7);
}

}  // namespace
}  // namespace ktstr
