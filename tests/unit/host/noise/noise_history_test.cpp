// SPDX-License-Identifier: Apache-2.0
#include "noise/noise_history.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace ktstr {
namespace {

const MetricRegistry kMetrics;
const Metric* known(std::string_view name) { return kMetrics.find(name); }

const ScenarioKey kKey{"t", "1n1l2c1t", "s", "w", "6.18", "tcg", "host"};

SidecarRecord run(const std::string& plan, bool head, std::uint64_t block, double log_value,
                  const std::string& commit) {
  SidecarRecord r;
  r.test = kKey.test;
  r.topology = kKey.topology;
  r.scheduler = kKey.scheduler;
  r.work_type = kKey.work_type;
  r.kernel = "6.17";  // another kernel's noise counts too
  r.accelerator = kKey.accelerator;
  r.time_source = kKey.time_source;
  r.passed = true;
  r.plan = plan;
  r.head_side = head;
  r.block = block;
  r.project_commit = commit;
  r.values = {{"iteration_rate", std::exp(log_value)}};
  return r;
}

TEST(NoiseHistory, PoolsWithinSidesAndOverPairs) {
  // Side a varies by sums of squares 2 (1 2 3), side b by 8 (2 4 6); ratios 1 2 3: sum of squares 2.
  std::vector<SidecarRecord> records;
  for (std::uint64_t i = 0; i < 3; ++i) {
    const double x = static_cast<double>(i);
    records.push_back(run("p", false, i, 1 + x, "a"));
    records.push_back(run("p", true, i, 2 + 2 * x, "b"));
  }
  const ktstr_history h = NoiseHistory(records).of(kKey, "iteration_rate");
  EXPECT_NEAR(h.log_variance, 10.0 / 4, 1e-12);
  EXPECT_EQ(h.log_variance_df, 4);
  EXPECT_NEAR(h.paired_log_variance, 1, 1e-12);
  EXPECT_EQ(h.paired_log_variance_df, 2);
  EXPECT_EQ(h.sessions, 1U);
  EXPECT_TRUE(std::isnan(NoiseHistory(records).of(kKey, "worst_gap_ms").log_variance));
}

TEST(NoiseHistory, OnlyPlannedPassingRunsOfPositiveValuesCount) {
  auto failed = run("p", false, 0, 1, "a"), loose = failed, nothing = failed;
  failed.passed = false;
  loose.block.reset();
  nothing.values["iteration_rate"] = 0;
  EXPECT_EQ(
      NoiseHistory({failed, loose, nothing, run("p", false, 1, 5, "a")}).of(kKey, "iteration_rate").sessions,
      0U);
  EXPECT_EQ(NoiseHistory({}).of(kKey, "iteration_rate").sessions, 0U);
}

TEST(NoiseHistory, MeasuresHowSessionsOfOneCommitDiffer) {
  // Sessions of commit a around 0 and 4; within them squares of 0.02 each.
  std::vector<SidecarRecord> records;
  for (const auto& [plan, centre] : {std::pair{"p", 0.0}, {"q", 4.0}}) {
    records.push_back(run(plan, false, 0, centre - 0.1, "a"));
    records.push_back(run(plan, false, 1, centre + 0.1, "a"));
  }
  const SessionSpread spread = NoiseHistory(records).between_sessions(kKey, "iteration_rate");
  EXPECT_EQ(spread.df, 1);
  EXPECT_NEAR(spread.log_variance, 8 - 0.02 / 2, 1e-12);
  for (SidecarRecord& record : records)
    record.project_commit = "a-dirty";  // which may be any state of the tree
  EXPECT_EQ(NoiseHistory(records).between_sessions(kKey, "iteration_rate").df, 0);
}

TEST(NoiseHistory, SessionsExplainChangesUpToTheirSpread) {
  const auto explained = [](double change, SessionSpread spread) {
    MetricComparison c(kKey, *known("iteration_rate"), {});
    for (const double v : {100.0, 101.0, 99.0}) {
      c.add(false, v, 0, 0);
      c.add(true, v * change, 0, 0);
    }
    c.finish(false, false, true);
    return explained_by_sessions(c.c_struct(), spread);
  };
  EXPECT_TRUE(explained(2, {0, 0}));  // nothing known: cannot tell
  EXPECT_FALSE(explained(2, {0.0001, 5}));
  EXPECT_TRUE(explained(1.02, {0.0001, 5}));  // t(.975, 5) = 2.57: up to 3.9 %
  EXPECT_FALSE(explained(1.06, {0.0001, 5}));
  EXPECT_TRUE(explained(-1, {0.0001, 5}));  // no logarithm
}

}  // namespace
}  // namespace ktstr
