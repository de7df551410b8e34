// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "compare/pairing.hpp"

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SidecarRecord record(const std::string& test, std::map<std::string, double, std::less<>> values) {
  SidecarRecord out;
  out.test = test;
  out.topology = "1n1l2c1t";
  out.scheduler = "s";
  out.work_type = "w";
  out.kernel = "6.18";
  out.accelerator = "tcg";
  out.time_source = "host";
  out.passed = true;
  out.values = std::move(values);
  return out;
}

SidecarRecord planned(double gap, std::uint64_t block, std::uint64_t seed) {
  SidecarRecord out = record("t", {{"worst_gap_ms", gap}});
  out.block = block;
  out.seed = seed;
  return out;
}

ComparisonOptions options(bool cached, const std::string& filter = {}, double threshold = -1) {
  ComparisonOptions made;
  made.cached = cached;
  if (!filter.empty()) made.filter = *Filter::parse(filter, "-E");
  if (threshold >= 0) made.policy = Policy::uniform(threshold);
  return made;
}

std::vector<double> values(const ktstr_samples& samples) {
  return {samples.values, samples.values + samples.count};
}

TEST(CompareSides, PairsScenariosAndMetrics) {
  const auto set = compare_sides(
      {record("a", {{"worst_gap_ms", 10}, {"worst_spread", 2}}), record("b", {{"worst_gap_ms", 1}})},
      {record("a", {{"worst_gap_ms", 12}, {"worst_spread", 3}}), record("c", {{"worst_gap_ms", 1}})}, {});
  ASSERT_EQ(set.metrics.size(), 2U);
  EXPECT_EQ(set.scenarios, 1U);
  EXPECT_EQ(set.only_head, 1U);
  EXPECT_EQ(set.only_baseline, 1U);
  EXPECT_EQ(set.baseline_seen, 2U);
  EXPECT_EQ(set.baseline_runs, 1U);
  EXPECT_THAT(set.notes, ElementsAre(HasSubstr("count as new"), HasSubstr("count as removed")));
  EXPECT_EQ(set.metrics[0]->metric().name, "worst_spread");  // registry order
  const ktstr_comparison& gap = set.metrics[1]->c_struct();
  EXPECT_EQ(gap.resolution, set.metrics[1]->metric().resolution());
  EXPECT_EQ(gap.size, sizeof gap);
  EXPECT_EQ(std::string(gap.metric.ptr, gap.metric.len), "worst_gap_ms");
  EXPECT_EQ(std::string(gap.scenario->test.ptr, gap.scenario->test.len), "a");
  EXPECT_EQ(gap.abs_gate, 500);
  EXPECT_EQ(gap.rel_gate, 0.5);
  EXPECT_EQ(gap.baseline_estimate, 10);
  EXPECT_EQ(gap.head_estimate, 12);
  EXPECT_EQ(gap.flags, KTSTR_COMPARISON_CACHED);
  EXPECT_EQ(gap.baseline->blocks, nullptr);
  EXPECT_TRUE(std::isnan(gap.history->log_variance));
}

TEST(CompareSides, EveryPartOfTheKeySeparates) {
  const SidecarRecord base = record("a", {{"worst_gap_ms", 1}});
  using Field = std::string SidecarRecord::*;
  for (const Field field :
       std::initializer_list<Field>{&SidecarRecord::test, &SidecarRecord::topology, &SidecarRecord::scheduler,
                                    &SidecarRecord::work_type, &SidecarRecord::kernel,
                                    &SidecarRecord::accelerator, &SidecarRecord::time_source}) {
    SidecarRecord other = base;
    other.*field += "x";
    const auto set = compare_sides({base}, {other}, {});
    EXPECT_EQ(set.scenarios, 0U);
    const bool same_test = field == Field(&SidecarRecord::kernel) || field == &SidecarRecord::accelerator ||
                           field == &SidecarRecord::time_source;
    EXPECT_EQ(set.only_head, same_test ? 0U : 1U) << "neither new nor removed where it ran elsewhere";
    EXPECT_EQ(set.only_baseline, same_test ? 0U : 1U);
    EXPECT_TRUE(set.metrics.empty());
  }
  SidecarRecord other = base;
  other.project_commit = "x";
  other.timestamp = "x";
  other.template_id = "x";
  EXPECT_EQ(compare_sides({base}, {other}, {}).scenarios, 1U);
}

TEST(CompareSides, AnAxisIsTheOneThingThatMayDiffer) {
  for (const auto& [axis, field, shows] :
       {std::tuple{Axis::kKernel, &SidecarRecord::kernel, &ScenarioKey::kernel},
        {Axis::kScheduler, &SidecarRecord::scheduler, &ScenarioKey::scheduler},
        {Axis::kTopology, &SidecarRecord::topology, &ScenarioKey::topology}}) {
    SidecarRecord a = record("t", {{"worst_gap_ms", 1}}), b = record("t", {{"worst_gap_ms", 2}});
    a.*field = "old";
    b.*field = "new";
    ComparisonOptions along;
    EXPECT_EQ(compare_sides({a}, {b}, along).scenarios, 0U);
    along.axis = axis;
    along.axis_text = "old -> new";
    const auto set = compare_sides({a}, {b}, along);
    ASSERT_EQ(set.metrics.size(), 1U);
    EXPECT_EQ(set.metrics[0]->scenario().*shows, "old -> new");
    b.work_type = "another";
    EXPECT_EQ(compare_sides({a}, {b}, along).scenarios, 0U);
  }
}

TEST(CompareSides, OnlyPerformanceTestsAndThoseAskedForTakePart) {
  SidecarRecord plain = record("b", {{"worst_gap_ms", 1}});
  plain.performance_mode = false;
  const std::vector<SidecarRecord> side = {record("a1", {{"worst_gap_ms", 1}}),
                                           record("a2", {{"worst_gap_ms", 1}}), plain};
  EXPECT_EQ(compare_sides(side, side, {}).scenarios, 2U);
  EXPECT_EQ(compare_sides(side, side, options(true, "*2")).scenarios, 1U);
  EXPECT_EQ(compare_sides(side, side, options(true, "*2")).baseline_seen, 1U);
  EXPECT_EQ(compare_sides(side, side, options(true, "b")).scenarios, 0U);
}

TEST(CompareSides, RunsThatDidNotPassGiveNoNumbers) {
  SidecarRecord failed = record("t", {{"worst_gap_ms", 1000}}), skipped = failed, unsure = failed,
                expected = failed;
  failed.passed = false;
  skipped.skipped = true;
  unsure.inconclusive = true;
  expected.expected_failure = true;
  const auto set = compare_sides({record("t", {{"worst_gap_ms", 1}}), failed, skipped},
                                 {record("t", {{"worst_gap_ms", 2}}), unsure, expected}, {});
  ASSERT_EQ(set.metrics.size(), 1U);
  EXPECT_THAT(values(*set.metrics[0]->c_struct().baseline), ElementsAre(1));
  EXPECT_THAT(values(*set.metrics[0]->c_struct().head), ElementsAre(2));
  EXPECT_EQ(set.excluded, 0U);
  EXPECT_EQ(set.baseline_seen, 3U);
  EXPECT_EQ(set.baseline_runs, 1U);
  EXPECT_THAT(set.notes, ElementsAre("t 1n1l2c1t s: 2 of 3 baseline runs did not pass and are left out",
                                     "t 1n1l2c1t s: 2 of 3 HEAD runs did not pass and are left out"));
  const auto none = compare_sides({failed}, {record("t", {{"worst_gap_ms", 2}})}, {});
  EXPECT_EQ(none.excluded, 1U);
  EXPECT_TRUE(none.metrics.empty());
  EXPECT_EQ(none.head_runs, 0U);
}

TEST(CompareSides, PairsRunsOfAPlan) {
  const auto set = compare_sides({planned(12, 1, 8), planned(11, 0, 7)},
                                 {planned(21, 0, 7), planned(22, 1, 8)}, options(false));
  ASSERT_EQ(set.metrics.size(), 1U);
  const ktstr_comparison& c = set.metrics[0]->c_struct();
  EXPECT_EQ(c.flags, KTSTR_COMPARISON_PAIRED);
  EXPECT_THAT(values(*c.baseline), ElementsAre(11, 12));  // by block
  EXPECT_THAT(values(*c.head), ElementsAre(21, 22));
  EXPECT_THAT(std::vector<std::uint64_t>(c.baseline->blocks, c.baseline->blocks + 2), ElementsAre(0, 1));
  EXPECT_THAT(std::vector<std::uint64_t>(c.head->seeds, c.head->seeds + 2), ElementsAre(7, 8));
  SidecarRecord loose = planned(5, 0, 0);
  loose.block.reset();
  EXPECT_EQ(compare_sides({planned(1, 0, 0), loose}, {planned(2, 0, 0)}, options(false))
                .metrics[0]
                ->c_struct()
                .flags,
            0U);
}

TEST(CompareSides, SidesMeasuredOneAfterTheOtherHaveNoPairs) {
  ComparisonOptions later = options(false);
  later.alternating = false;
  const auto set =
      compare_sides({planned(10, 0, 1), planned(11, 1, 2)}, {planned(12, 0, 1), planned(13, 1, 2)}, later);
  const ktstr_comparison& gap = set.metrics.at(0)->c_struct();
  EXPECT_EQ(gap.flags, KTSTR_COMPARISON_CACHED);
  EXPECT_EQ(gap.baseline->blocks, nullptr);
}

TEST(CompareSides, WithoutAPlanTimeOrders) {
  SidecarRecord early = record("t", {{"worst_gap_ms", 1}}), late = record("t", {{"worst_gap_ms", 2}});
  early.timestamp = "2026-01-01T00:00:00Z";
  late.timestamp = "2026-01-02T00:00:00Z";
  EXPECT_THAT(values(*compare_sides({late, early}, {early}, {}).metrics[0]->c_struct().baseline),
              ElementsAre(1, 2));
}

TEST(CompareSides, FoldsAsTheMetricAsks) {
  const auto side = [](double imbalance, double gap) {
    return record("t", {{"max_imbalance_ratio", imbalance}, {"worst_gap_ms", gap}});
  };
  const auto set = compare_sides({side(1, 10), side(3, 20)}, {side(2, 0.1), side(2, 0.1), side(2, 0.1)}, {});
  ASSERT_EQ(set.metrics.size(), 2U);
  EXPECT_EQ(set.metrics[0]->c_struct().baseline_estimate, 15);  // gap: mean
  EXPECT_EQ(set.metrics[0]->c_struct().head_estimate, 0.1);     // equal values give themselves exactly
  EXPECT_EQ(set.metrics[1]->c_struct().baseline_estimate, 3);   // imbalance: maximum
  const auto huge = compare_sides({side(1, 1.7e308), side(1, 1.6e308)}, {side(1, 1)}, {});
  EXPECT_TRUE(std::isfinite(huge.metrics[0]->c_struct().baseline_estimate));
}

TEST(CompareSides, PoolsRatesInsteadOfAveragingThem) {
  const auto run = [](double iterations, double seconds) {
    return record("t", {{"iteration_rate", iterations / seconds},
                        {"total_phase_iterations", iterations},
                        {"total_phase_duration_sec", seconds}});
  };
  const auto set = compare_sides({run(100, 1), run(300, 9)}, {run(50, 1)}, {});
  ASSERT_EQ(set.metrics.size(), 1U);  // the parts are not rows
  EXPECT_EQ(set.metrics[0]->metric().name, "iteration_rate");
  EXPECT_EQ(set.metrics[0]->c_struct().baseline_estimate, 40);  // 400 in 10 s; the mean of the rates is 66.7
  EXPECT_EQ(set.metrics[0]->c_struct().head_estimate, 50);
  EXPECT_THAT(set.notes, IsEmpty());

  const auto bare = compare_sides({run(100, 1), record("t", {{"iteration_rate", 50}})}, {run(50, 1)}, {});
  EXPECT_EQ(bare.metrics[0]->c_struct().baseline_estimate, 75);
  EXPECT_THAT(bare.notes, ElementsAre("iteration_rate: mean of the runs' rates, because not every run "
                                      "recorded total_phase_iterations and total_phase_duration_sec"));
}

TEST(CompareSides, SpreadsOfSingleRunsNeedRepeatedOnes) {
  const std::vector<SidecarRecord> side = {record("t", {{"rps_p50_whole", 100}})};
  EXPECT_TRUE(compare_sides(side, side, options(true)).metrics.empty());
  EXPECT_EQ(compare_sides(side, side, options(false)).metrics.size(), 1U);
}

TEST(CompareSides, SeesContributedMetrics) {
  MetricRegistry metrics;
  MetricContribution row;
  row.name = "rps";
  ASSERT_TRUE(metrics.add(row));
  const std::vector<SidecarRecord> side = {record("t", {{"rps", 100}})};
  ComparisonOptions contributed;
  EXPECT_TRUE(compare_sides(side, side, contributed).metrics.empty());
  contributed.metrics = &metrics;
  EXPECT_EQ(compare_sides(side, side, contributed).metrics.at(0)->metric().name, "rps");
}

TEST(CompareSides, LeavesOutWhatNobodyMeasured) {
  const auto set = compare_sides(
      {record("t", {{"worst_gap_ms", 0}, {"worst_spread", 5}, {"total_migrations", 0}})},
      {record("t", {{"worst_gap_ms", 0}, {"worst_run_delay_us", 5}, {"total_migrations", 3}})}, {});
  ASSERT_EQ(set.metrics.size(), 1U);  // 0 against 3 is something
  EXPECT_EQ(set.metrics[0]->metric().name, "total_migrations");
  EXPECT_THAT(set.notes, ElementsAre("t 1n1l2c1t s: worst_spread was reported by the baseline only",
                                     "t 1n1l2c1t s: worst_run_delay_us was reported by HEAD only"));
}

TEST(CompareSides, AThresholdReplacesEveryRelativeGate) {
  const std::vector<SidecarRecord> side = {record("t", {{"worst_gap_ms", 1}, {"worst_spread", 1}})};
  for (const auto& metric : compare_sides(side, side, options(true, "", 0.05)).metrics)
    EXPECT_EQ(metric->c_struct().rel_gate, 0.05);
  EXPECT_EQ(compare_sides(side, side, options(true, "", 0)).metrics[0]->c_struct().rel_gate, 0);
}

std::string extra_of(const std::vector<SidecarRecord>& baseline, const std::vector<SidecarRecord>& head,
                     const ComparisonOptions& how = options(false)) {
  const auto set = compare_sides(baseline, head, how);
  const ktstr_str extra = set.metrics.at(0)->c_struct().extra_json;
  return {extra.ptr, extra.len};
}

TEST(CompareSides, GatesAreToldWhatTheHostGaveThePairsRuns) {
  std::vector<SidecarRecord> baseline{planned(1, 1, 7), planned(2, 2, 8)},
      head{planned(3, 1, 7), planned(4, 2, 8)};
  double waited = 0;
  for (auto* side : {&baseline, &head}) {
    for (SidecarRecord& run : *side) {
      run.cpu_ran_ms = 100;
      run.burst_before_us = 2, run.burst_after_us = 1;
      run.cpu_waited_ms = waited;
      waited += 100;
    }
  }
  head[1].cpu_waited_ms = 1500;
  EXPECT_EQ(extra_of(baseline, head),
            R"({"host_speed":{"baseline":[1.0,0.5],"head":[0.3333333333333333,0.0625]}})");
  EXPECT_EQ(extra_of(baseline, head, options(true)), "{}") << "another session's";
  const auto without = [&](auto change) {
    std::vector<SidecarRecord> changed = head;
    change(changed[1]);
    return extra_of(baseline, changed);
  };
  EXPECT_EQ(without([](SidecarRecord& run) { run.cpu_waited_ms.reset(); }), "{}");
  EXPECT_EQ(without([](SidecarRecord& run) { run.cpu_ran_ms = 0; }), "{}");
  EXPECT_EQ(without([](SidecarRecord& run) { run.burst_after_us.reset(); }), "{}");
  EXPECT_EQ(without([](SidecarRecord& run) { run.vcpus = 4, run.cpu_budget = 2; }), "{}")
      << "its CPUs wait for each other";
  EXPECT_NE(without([](SidecarRecord& run) { run.vcpus = run.cpu_budget = 2; }), "{}");
  for (auto* side : {&baseline, &head}) {
    for (SidecarRecord& run : *side) run.time_source = "virtual";
  }
  EXPECT_EQ(extra_of(baseline, head), "{}") << "virtual time knows no host";
}

TEST(CompareSides, MarksDeterministicRuns) {
  SidecarRecord one = record("t", {{"worst_gap_ms", 1}});
  one.time_source = "virtual";
  EXPECT_EQ(compare_sides({one}, {one}, {}).metrics[0]->c_struct().flags,
            KTSTR_COMPARISON_DETERMINISTIC | KTSTR_COMPARISON_CACHED);
}

TEST(CompareSides, TellsDifferentHostsOfWhatItCompared) {
  SidecarRecord here = record("t", {{"worst_gap_ms", 1}}), there = here,
                elsewhere = record("other", {{"worst_gap_ms", 1}});
  here.host_identity = {{"cpu_model", "A"}, {"arch", "x86_64"}};
  there.host_identity = {{"cpu_model", "B\x1b[1m"}, {"arch", "x86_64"}};
  elsewhere.host_identity = {{"cpu_model", "C"}};
  EXPECT_THAT(compare_sides({here}, {there}, {}).notes,
              ElementsAre("measured on different hosts: cpu_model A -> B\\x1b[1m"));
  const std::vector<HostDifference> host = compare_sides({here}, {there}, {}).host;
  ASSERT_EQ(host.size(), 1U);
  EXPECT_EQ(host[0].key + " " + host[0].before + " " + host[0].after, "cpu_model A B\x1b[1m");
  EXPECT_TRUE(compare_sides({here}, {record("t", {{"worst_gap_ms", 1}})}, {}).host.empty()) << "nobody knows";
  EXPECT_THAT(compare_sides({here, elsewhere}, {here}, {}).notes, ElementsAre(HasSubstr("removed")))
      << "its host does not matter";
  EXPECT_THAT(compare_sides({here, elsewhere}, {here}, options(true, "=t")).notes, IsEmpty());
}

TEST(CompareSides, NothingGivesNothing) {
  const auto set = compare_sides({}, {}, {});
  EXPECT_TRUE(set.metrics.empty());
  EXPECT_EQ(set.scenarios + set.only_head + set.only_baseline, 0U);
}

TEST(CompareSides, NotesAreSafeToShow) {
  SidecarRecord failed = record("t\x1b[2J\n", {});
  failed.passed = false;
  EXPECT_THAT(compare_sides({failed}, {failed}, {}).notes[0], HasSubstr("t\\x1b[2J\\x0a"));
}

TEST(MetricComparison, AnExtremeThatSomebodyNamesIsJudged) {
  const auto set =
      compare_sides({record("a", {{"worst_gap_ms", 10}})}, {record("a", {{"worst_gap_ms", 12}})}, {});
  ASSERT_EQ(set.metrics.size(), 1U);
  EXPECT_EQ(set.metrics.front()->c_struct().metric_class, KTSTR_CLASS_EXTREME);
  set.metrics.front()->set_named();
  EXPECT_EQ(set.metrics.front()->c_struct().metric_class, KTSTR_CLASS_RATIO);
}

}  // namespace
}  // namespace ktstr
