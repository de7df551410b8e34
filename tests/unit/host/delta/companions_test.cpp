// SPDX-License-Identifier: Apache-2.0
#include "delta/companions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using Values = std::vector<double>;

class Companions : public ::testing::Test {
 protected:
  /// A row of the scenario "test", of one cgroup or, when that is empty, of the whole run.
  std::size_t add(const char* metric, const Values& baseline, const Values& head, const char* test = "test",
                  const std::string& cgroup = {}) {
    const Metric* known = registry.find(metric);
    EXPECT_NE(known, nullptr) << metric;
    const MetricRule rule{known->abs_gate, known->rel_gate, known->polarity};
    auto row = std::make_unique<MetricComparison>(
        ScenarioKey{test, "1n1l2c1t", "s", "w", "6.18", "tcg", "host"}, *known, rule);
    if (!cgroup.empty()) row->set_cgroup(cgroup);
    for (std::size_t i = 0; i < baseline.size(); ++i) row->add(false, baseline[i], i, 1);
    for (std::size_t i = 0; i < head.size(); ++i) row->add(true, head[i], i, 1);
    row->finish(false, false, false);
    row->set_history(unknown_history());
    comparisons.push_back(std::move(row));
    rows.push_back({comparisons.back().get(), {}, {}});
    return rows.size() - 1;
  }
  std::vector<std::string> names_of(std::size_t finding) const {
    std::vector<std::string> names;
    for (const Companion& one : companions_of(rows[finding], RowsByScenario(rows)))
      names.push_back(one.comparison->name());
    return names;
  }
  MetricRegistry registry;
  std::vector<std::unique_ptr<MetricComparison>> comparisons;
  std::vector<JudgedRow> rows;
};

TEST_F(Companions, TheOnesThatExceedTheirGatesMostComeFirst) {
  const std::size_t finding = add("worst_p99_wake_latency_us", {100}, {300});
  add("total_migrations", {100}, {160});    // twice its gate of 30 %
  add("avg_nr_running", {10}, {30});        // ten times its gate of 20 %
  add("total_hardirqs", {10000}, {10100});  // below half of its gate
  add("total_iterations", {1000}, {1000});  // unchanged
  EXPECT_THAT(names_of(finding), ElementsAre("avg_nr_running", "total_migrations"));
  EXPECT_DOUBLE_EQ(companions_of(rows[finding], RowsByScenario(rows)).front().relative, 2);
}

TEST_F(Companions, WhatIsAFindingItselfHasItsOwnRow) {
  const std::size_t finding = add("worst_p99_wake_latency_us", {100}, {300});
  const std::size_t other = add("total_migrations", {100}, {900});
  EXPECT_THAT(names_of(finding), ElementsAre("total_migrations"));
  rows[other].combined.outcome = KTSTR_REGRESSED;
  EXPECT_THAT(names_of(finding), ElementsAre());
}

TEST_F(Companions, OneOfEachFamilyAndNoneOfTheFindingsOwn) {
  const std::size_t finding = add("worst_p99_wake_latency_us", {100}, {300});
  add("worst_median_wake_latency_us", {100}, {900});
  add("total_migrations", {100}, {900});
  add("worst_migration_ratio", {1}, {3});
  EXPECT_THAT(names_of(finding), ElementsAre("total_migrations"));
}

TEST_F(Companions, WhatNoiseExplainsIsNone) {
  const std::size_t finding = add("worst_p99_wake_latency_us", {100, 101, 99}, {300, 301, 299});
  add("total_migrations", {50, 100, 200}, {100, 200, 400});
  add("avg_nr_running", {10, 10.1, 9.9}, {20, 20.1, 19.9});
  EXPECT_THAT(names_of(finding), ElementsAre("avg_nr_running"));
  EXPECT_GT(companions_of(rows[finding], RowsByScenario(rows)).front().deviations, 50);
}

TEST_F(Companions, OthersOfItsScenarioAndCgroupOnly) {
  const std::size_t finding = add("worst_gap_ms", {100}, {9000}, "test", "web");
  add("total_migrations", {100}, {900}, "another test");
  add("worst_mean_run_delay_us", {100}, {900}, "test", "db");
  add("total_iterations", {1000}, {100}, "test", "web");
  EXPECT_THAT(names_of(finding), ElementsAre("web/total_iterations"));
}

TEST_F(Companions, AChangeFromNothingHasNoNumberAndNeverMoreThanFiveAreNamed) {
  const std::size_t finding = add("worst_gap_ms", {100}, {9000});
  for (const char* name : {"total_migrations", "total_iterations", "avg_nr_running", "total_hardirqs",
                           "total_context_switches", "total_softirq_timer", "total_softirq_sched"})
    add(name, {0}, {100000});
  const auto found = companions_of(rows[finding], RowsByScenario(rows));
  ASSERT_EQ(found.size(), kMostCompanions);
  for (const Companion& one : found) {
    EXPECT_TRUE(std::isinf(one.relative));
    EXPECT_TRUE(std::isnan(one.deviations));
  }
}

}  // namespace
}  // namespace ktstr
