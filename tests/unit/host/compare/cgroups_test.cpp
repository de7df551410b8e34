// SPDX-License-Identifier: Apache-2.0
//
// Single cgroups in a comparison: what a sidecar says of them, which have rows, and what did not happen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/pairing.hpp"
#include "compare/verdict.hpp"
#include "select/metric_names.hpp"

namespace ktstr {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

double figure(const CgroupRecord& cgroup, std::string_view name) {
  return cgroup.values[cgroup_metric_index(name)];
}

/// One cgroup as a sidecar of this version has it.
std::string cgroup(const std::string& name, double p99, int iterations, double run_delay = 100) {
  const std::string workers =
      R"("num_workers": 2, "total_cpu_time_ns": 1000000000, "spread": 1.0, "migration_ratio": 0.0, "mean_run_delay_us": )" +
      std::to_string(run_delay);
  const std::string progress = R"(, "total_iterations": )" + std::to_string(iterations) +
                               R"(, "iterations_per_worker": )" + std::to_string(iterations / 2.0);
  const std::string wakes = R"(, "p99_wake_latency_us": )" + std::to_string(p99) +
                            R"(, "median_wake_latency_us": )" + std::to_string(p99 / 2) +
                            R"(, "wake_latency_samples": )" + (p99 > 0 ? "50" : "0");
  return R"({"name": ")" + name + R"(", )" + workers + progress + wakes +
         R"(, "workers_without_iterations": )" + (iterations == 0 ? "2" : "0") + "}";
}

std::string without_names(std::string text) {
  for (const char* key : {R"("name": "web", )", R"("name": "batch", )", R"(, "wake_latency_samples": 50)",
                          R"(, "wake_latency_samples": 0)"}) {
    for (std::size_t at = 0; (at = text.find(key)) != std::string::npos;)
      text.erase(at, std::string(key).size());
  }
  return text;
}

SidecarRecord run_of(const std::string& cgroups, double worst_p99, double total_iterations) {
  const std::string stats = R"("total_workers": 4, "worst_p99_wake_latency_us": )" +
                            std::to_string(worst_p99) + R"(, "worst_median_wake_latency_us": )" +
                            std::to_string(worst_p99 / 2) + R"(, "total_iterations": )" +
                            std::to_string(total_iterations) + R"(, "worst_iterations_per_worker": 1)";
  static const MetricRegistry kMetrics;
  auto record = read_sidecar(
      R"({"test_name": "t", "topology": "1n1l1c1t", "scheduler": "s", "work_type": "w", "passed": true, "skipped": false, "stats": {"cgroups": [)" +
          cgroups + "], " + stats + "}}",
      "a.json", kMetrics);
  if (!record) throw std::runtime_error(record.error().message);
  return *record;
}

/// web and batch, whose wake-ups are always the slowest.
SidecarRecord two(double web_p99, int web_iterations, double batch_p99 = 137'000) {
  return run_of(cgroup("web", web_p99, web_iterations) + "," + cgroup("batch", batch_p99, 1000),
                std::max(web_p99, batch_p99), web_iterations + 1000);
}

std::vector<std::string> names(const ComparisonSet& set) {
  std::vector<std::string> out;
  for (const auto& metric : set.metrics) out.push_back(metric->name());
  return out;
}

const MetricComparison& row(const ComparisonSet& set, const std::string& name) {
  for (const auto& metric : set.metrics) {
    if (metric->name() == name) return *metric;
  }
  throw std::runtime_error("no row " + name);
}

TEST(Cgroups, AFigureWithoutSamplesIsNoValue) {
  const SidecarRecord record = run_of(cgroup("web", 0, 0) + "," + cgroup("batch", 12, 400), 12, 400);
  ASSERT_EQ(record.cgroups.size(), 2U);
  EXPECT_EQ(record.cgroups[0].name, "web");
  EXPECT_TRUE(std::isnan(figure(record.cgroups[0], "p99_wake_latency_us")));
  EXPECT_TRUE(std::isnan(figure(record.cgroups[0], "migration_ratio"))) << "of nothing";
  EXPECT_EQ(figure(record.cgroups[0], "iterations_per_worker"), 0) << "nothing done is a value";
  EXPECT_EQ(record.cgroups[0].idle_workers, 2U);
  EXPECT_EQ(figure(record.cgroups[1], "p99_wake_latency_us"), 12);
  EXPECT_EQ(figure(record.cgroups[1], "iterations_per_cpu_sec"), 400);
  EXPECT_EQ(record.values.at("worst_iterations_per_worker"), 0) << "the lowest, whatever the file says";
}

TEST(Cgroups, OlderFilesSayZeroOfWhatDidNotHappen) {
  const SidecarRecord record = run_of(without_names(cgroup("web", 0, 10)), 0, 10);
  EXPECT_EQ(record.cgroups.at(0).name, "");
  EXPECT_TRUE(std::isnan(figure(record.cgroups[0], "p99_wake_latency_us")));
  EXPECT_FALSE(record.values.contains("worst_p99_wake_latency_us"));
}

// The worst cgroup is the worst on both sides, and another one got three times as slow.
TEST(Cgroups, TheWorstDoesNotHideTheOthers) {
  const auto set = compare_sides({two(25'700, 1000)}, {two(90'000, 1000)}, {});
  const MetricComparison& web = row(set, "web/p99_wake_latency_us");
  EXPECT_EQ(web.cgroup(), "web");
  EXPECT_EQ(web.metric().family, "wake latency");
  EXPECT_EQ(web.c_struct().head_estimate, 90'000);
  EXPECT_EQ(std::string(web.c_struct().metric.ptr, web.c_struct().metric.len), "web/p99_wake_latency_us");
  EXPECT_THAT(names(set), Not(Contains("batch/p99_wake_latency_us"))) << "that is the worst one's row";
  EXPECT_TRUE(row(set, "worst_p99_wake_latency_us").is_named("batch/p99_wake_latency_us"));
  EXPECT_THAT(set.warnings, IsEmpty());
}

TEST(Cgroups, OneCgroupIsTheWholeRun) {
  const auto set =
      compare_sides({run_of(cgroup("web", 10, 100), 10, 100)}, {run_of(cgroup("web", 20, 100), 20, 100)}, {});
  for (const std::string& name : names(set)) EXPECT_EQ(name.find('/'), std::string::npos) << name;
  EXPECT_TRUE(row(set, "worst_p99_wake_latency_us").is_named("web/p99_wake_latency_us"));
}

TEST(Cgroups, WithoutNamesOnlyStarvationIsCompared) {
  const auto old = [](SidecarRecord record) {
    for (CgroupRecord& one : record.cgroups) one.name.clear();
    return record;
  };
  for (const std::string& name : names(compare_sides({old(two(25'700, 1000))}, {old(two(90'000, 1000))}, {})))
    EXPECT_EQ(name.find('/'), std::string::npos) << name;
  const auto set = compare_sides({old(two(25'700, 1000))}, {old(two(0, 0))}, {});
  EXPECT_EQ(row(set, "cgroup0/iterations_per_worker").settled()->outcome, KTSTR_REGRESSED);
  // A named side lends its names.
  EXPECT_THAT(names(compare_sides({old(two(25'700, 1000))}, {two(90'000, 1000)}, {})),
              Contains("web/p99_wake_latency_us"));
}

TEST(Cgroups, WhatDoesNotHappenOnHeadIsWorse) {
  const auto set = compare_sides({two(25'700, 1000), two(25'800, 1000)}, {two(0, 0), two(0, 0)}, {});
  const MetricComparison& gone = row(set, "web/iterations_per_worker");
  ASSERT_TRUE(gone.settled());
  EXPECT_EQ(gone.settled()->outcome, KTSTR_REGRESSED);
  EXPECT_EQ(gone.settled()->text, "did not happen on HEAD: no iteration of 2 workers in 2 runs");
  for (const char* name :
       {"web/p99_wake_latency_us", "worst_p99_wake_latency_us", "worst_iterations_per_worker"})
    EXPECT_TRUE(gone.is_named(name)) << name;
  EXPECT_THAT(names(set), Not(Contains("web/p99_wake_latency_us"))) << "one fact, one row";
  EXPECT_THAT(names(set), Not(Contains("worst_iterations_per_worker")));
  EXPECT_FALSE(row(set, "worst_p99_wake_latency_us").caution().unchanged_stands)
      << "of the cgroups that still ran";
  EXPECT_EQ(row(set, "total_iterations").caution().text, "web had no iteration on HEAD");
  EXPECT_THAT(set.warnings,
              ElementsAre(HasSubstr("web: 2 of 2 workers completed nothing in 2 of 2 HEAD runs")));
  ASSERT_EQ(set.starved.size(), 1U);
  EXPECT_TRUE(set.starved[0].head);
}

TEST(Cgroups, LatenciesThatNobodyHadAreNoVerdict) {
  const auto set = compare_sides({two(25'700, 1000)}, {two(0, 1000)}, {});
  const MetricComparison& gone = row(set, "web/p99_wake_latency_us");
  EXPECT_EQ(gone.settled()->outcome, KTSTR_INCONCLUSIVE);
  EXPECT_THAT(gone.settled()->text, HasSubstr("no wake-up of 2 workers in 1 run"));
}

TEST(Cgroups, NowAndThenIsTooGoodToBeUnchanged) {
  const auto set =
      compare_sides({two(25'700, 1000), two(25'700, 1000)}, {two(25'700, 1000), two(0, 1000)}, {});
  EXPECT_EQ(row(set, "web/p99_wake_latency_us").caution().text, "web had no wake-up on HEAD in 1 of 2 runs");
  EXPECT_FALSE(row(set, "web/p99_wake_latency_us").caution().unchanged_stands);
  // On both sides it is how the test is.
  const auto same = compare_sides({two(25'700, 1000), two(0, 1000)}, {two(25'700, 1000), two(0, 1000)}, {});
  EXPECT_EQ(row(same, "web/p99_wake_latency_us").caution().text, "");
}

TEST(Cgroups, ABaselineThatStarvedIsToldAndNotHeldAgainstHead) {
  const auto set = compare_sides({two(0, 0)}, {two(25'700, 1000)}, {});
  for (const auto& metric : set.metrics) EXPECT_FALSE(metric->settled()) << metric->name();
  EXPECT_EQ(set.uncovered, 0U);
  EXPECT_THAT(set.warnings, IsEmpty());
  EXPECT_THAT(set.notes, Contains(HasSubstr("web: 2 of 2 workers completed nothing in 1 of 1 baseline run")));
}

TEST(Cgroups, WholeRunsWithoutCgroupsStarveToo) {
  const auto set = compare_sides({run_of("", 30, 1000)}, {run_of("", 0, 0)}, {});
  const MetricComparison& gone = row(set, "worst_iterations_per_worker");
  EXPECT_EQ(gone.settled()->outcome, KTSTR_REGRESSED);
  EXPECT_TRUE(gone.is_named("worst_p99_wake_latency_us"));
  EXPECT_EQ(set.uncovered, 0U);
}

TEST(Cgroups, ACgroupOfOneSideIsMissing) {
  const auto set =
      compare_sides({two(25'700, 1000)}, {run_of(cgroup("batch", 137'000, 1000), 137'000, 1000)}, {});
  EXPECT_EQ(set.uncovered, 1U);
  EXPECT_THAT(set.notes, Contains(HasSubstr("the cgroup web is not in the results of HEAD")));
}

/// "head web", with "minor" behind what the rest can be judged without.
std::vector<std::string> lost(const ComparisonSet& set) {
  std::vector<std::string> out;
  for (const Shortfall& one : set.shortfalls) {
    if (one.kind != ShortfallKind::kNoCgroup) continue;
    out.push_back((one.head ? "head " : "baseline ") + one.reason + (one.minor ? " minor" : ""));
  }
  return out;
}

TEST(Cgroups, OneManifestMakesTheSameCgroupsEveryTime) {
  const auto of = [](SidecarRecord record, const std::string& manifest) {
    record.manifest_sha256 = manifest;
    return record;
  };
  const SidecarRecord both = two(25'700, 1000), batch = run_of(cgroup("batch", 137'000, 1000), 137'000, 1000),
                      none = run_of("", 137'000, 2000);
  EXPECT_THAT(lost(compare_sides({both}, {batch}, {})), ElementsAre("head web minor")) << "nobody knows";
  EXPECT_THAT(lost(compare_sides({of(both, "a")}, {of(batch, "b")}, {})), ElementsAre("head web minor"));
  EXPECT_THAT(lost(compare_sides({of(both, "a")}, {of(batch, "a")}, {})), ElementsAre("head web"));
  EXPECT_THAT(lost(compare_sides({of(batch, "a")}, {of(both, "a")}, {})), ElementsAre("baseline web"));
  EXPECT_THAT(lost(compare_sides({of(both, "a")}, {of(none, "a")}, {})),
              UnorderedElementsAre("head batch", "head web"));
  EXPECT_THAT(lost(compare_sides({of(both, "a")}, {of(both, "a"), of(batch, "a")}, {})),
              ElementsAre("head web in 1 of 2 runs"));
  SidecarRecord nameless = of(both, "a");
  for (CgroupRecord& one : nameless.cgroups) one.name.clear();
  EXPECT_THAT(lost(compare_sides({of(both, "a")}, {nameless}, {})), IsEmpty());
}

TEST(Cgroups, ACgroupWithoutWorkersDidNotHappen) {
  SidecarRecord head = run_of(R"({"name": "web", "num_workers": 0, "total_iterations": 0,)"
                              R"( "wake_latency_samples": 0}, )" +
                                  cgroup("batch", 137'000, 1000),
                              137'000, 1000);
  const auto set = compare_sides({two(25'700, 1000)}, {head}, {});
  const MetricComparison& gone = row(set, "web/iterations_per_worker");
  ASSERT_TRUE(gone.settled());
  EXPECT_EQ(gone.settled()->outcome, KTSTR_REGRESSED);
  EXPECT_EQ(gone.settled()->text, "did not happen on HEAD: no worker in 1 run");
  EXPECT_EQ(row(set, "total_iterations").caution().text, "web had no worker on HEAD");
  for (const auto& metric : compare_sides({head}, {head}, {}).metrics)
    EXPECT_FALSE(metric->settled()) << "as it always was";
}

TEST(Cgroups, TwoOfOneNameAreUnreadable) {
  try {
    run_of(cgroup("web", 10, 100) + "," + cgroup("web", 900, 100), 900, 200);
    FAIL() << "which is web?";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "a.json: stats.cgroups has two cgroups named \"web\"");
  }
}

TEST(Cgroups, WhatFewSamplesTellIsNoImprovement) {
  const auto with = [](double samples) {
    SidecarRecord record = two(25'700, 1000);
    record.cgroups[0].wakeups = samples;
    return record;
  };
  const auto set = compare_sides({with(400), with(400)}, {with(1), with(2)}, {});
  for (const char* name : {"web/p99_wake_latency_us", "worst_p99_wake_latency_us"}) {
    EXPECT_EQ(row(set, name).caution().text, "web had only 1.5 wake-ups a run on HEAD, 400 on the baseline");
    EXPECT_FALSE(row(set, name).caution().unchanged_stands);
  }
  EXPECT_EQ(row(set, "web/mean_run_delay_us").caution().text, "") << "needs no wake-up";
  const auto fewer = compare_sides({with(400)}, {with(100)}, {});
  EXPECT_EQ(row(fewer, "web/p99_wake_latency_us").caution().text, "");
}

TEST(Cgroups, PoliciesReachThemByTheirOwnNameAndTheWorstOnes) {
  const auto rule_of = [](const std::string& text, const std::string& name) {
    ComparisonOptions options;
    options.policy = *Policy::parse(text, "p.json", MetricRegistry());
    const auto set = compare_sides({two(25'700, 1000)}, {two(90'000, 1000)}, options);
    return row(set, name).rule().rel_gate;
  };
  EXPECT_EQ(rule_of(R"({"per_metric_percent": {"worst_p99_wake_latency_us": 7}})", "web/p99_wake_latency_us"),
            0.07);
  EXPECT_EQ(
      rule_of(R"({"per_metric_percent": {"web/p99_wake_latency_us": 3, "worst_p99_wake_latency_us": 7}})",
              "web/p99_wake_latency_us"),
      0.03);
  EXPECT_EQ(
      rule_of(R"({"per_metric_percent": {"batch/p99_wake_latency_us": 3}})", "worst_p99_wake_latency_us"),
      0.03);
  const auto wrong = Policy::parse(R"({"per_metric_percent": {"web/worst_p99_wake_latency_us": 3}})",
                                   "p.json", MetricRegistry());
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("did you mean \"web/p99_wake_latency_us\"?"));
}

TEST(Cgroups, NamesThatMatchNothingAreErrors) {
  const std::vector<SidecarRecord> side = {two(25'700, 1000)};
  EXPECT_TRUE(
      check_names_match({"web/p99_wake_latency_us", "worst_p99_wake_latency_us"}, "--must-fail", side, side));
  const Status wrong = check_names_match({"wob/p99_wake_latency_us"}, "--must-fail", side, side);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ExitCode::kUsage);
  EXPECT_EQ(wrong.error().message,
            "--must-fail: no test of either side has the metric \"wob/p99_wake_latency_us\" (did you mean "
            "\"web/p99_wake_latency_us\"?)");
  EXPECT_FALSE(check_names_match({"worst_p99_timer_latency_us"}, "--must-fail", side, side));
  EXPECT_TRUE(check_names_match({"worst_p99_timer_latency_us"}, "--must-fail", {}, side))
      << "nothing to compare says so itself";
}

TEST(Cgroups, DeclaredGatesOfOneCgroup) {
  SidecarRecord head = two(25'900, 1000);
  head.declared = {{"web/p99_wake_latency_us", std::nullopt, 0.001, std::nullopt, ""},
                   {"wob/spread", std::nullopt, std::nullopt, std::nullopt, ""}};
  ComparisonOptions options;
  options.declared = true;
  const auto set = compare_sides({two(25'700, 1000)}, {head}, options);
  EXPECT_TRUE(row(set, "web/p99_wake_latency_us").declared());
  EXPECT_EQ(row(set, "web/p99_wake_latency_us").rule().rel_gate, 0.001);
  EXPECT_THAT(set.warnings,
              Contains(HasSubstr(
                  "declares a gate on \"wob/spread\", which no run has (did you mean \"web/spread\"?)")));
}

TEST(Cgroups, HostileNamesAreSafeToShow) {
  const auto set =
      compare_sides({run_of(cgroup("a\\u001b[31m", 10, 100) + "," + cgroup("b", 900, 100), 900, 200)},
                    {run_of(cgroup("a\\u001b[31m", 20, 100) + "," + cgroup("b", 900, 100), 900, 200)}, {});
  for (const std::string& name : names(set)) EXPECT_EQ(name.find('\x1b'), std::string::npos);
}

TEST(VerdictCounter, WhatDidNotHappenIsNeverAPass) {
  VerdictCounter counter;
  const ktstr_verdict gone = settled_verdict(KTSTR_REGRESSED, "did not happen on HEAD");
  counter.add("web/iterations_per_worker", KTSTR_HIGHER_IS_BETTER, gone);
  counter.add_did_not_happen();
  counter.stands_for("worst_p99_wake_latency_us", gone);
  EXPECT_EQ(counter.overall({}), Overall::kInconclusive);
  EXPECT_EQ(counter.overall({0, {}}), Overall::kInconclusive);
  EXPECT_EQ(counter.overall({1, {}}), Overall::kFail);
  EXPECT_EQ(counter.overall({5, {"worst_p99_wake_latency_us"}}), Overall::kFail);
  EXPECT_THAT(counter.tripped({5, {"worst_p99_wake_latency_us"}}), ElementsAre("worst_p99_wake_latency_us"));
}

}  // namespace
}  // namespace ktstr
