// SPDX-License-Identifier: Apache-2.0
//
// Every way in which a side can lack a scenario, told apart by what is known of its runs.
#include "compare/missing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/pairing.hpp"

namespace ktstr {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

SidecarRecord record(const std::string& test, const std::string& kernel = "6.18.2") {
  SidecarRecord r;
  r.test = test;
  r.topology = "1n1l2c1t";
  r.scheduler = "s";
  r.work_type = "SpinWait";
  r.kernel = kernel;
  r.accelerator = "tcg";
  r.time_source = "host";
  r.passed = true;
  r.values = {{"worst_gap_ms", 20}};
  return r;
}

PlannedTest planned(const std::string& test, const std::string& outcome = "passed",
                    const std::string& reason = "") {
  return {test, "1n1l2c1t", "s", "SpinWait", true, true, outcome, reason};
}

RunManifest run_of(std::vector<PlannedTest> tests, const std::string& kernel = "6.18.2") {
  return {"session", "2026-01-02T03:04:05Z", "2026-01-02T03:05:05Z", kernel, "abc1234", "tcg",
          "host",    std::move(tests)};
}

struct Sides {
  std::vector<SidecarRecord> baseline, head;
  std::vector<RunManifest> baseline_runs, head_runs;

  ComparisonSet compared() const {
    ComparisonOptions options;
    options.baseline_runs = baseline_runs;
    options.head_runs = head_runs;
    return compare_sides(baseline, head, options);
  }
};

/// "head could_not_run beta: why", with "minor" behind what others can do without.
std::vector<std::string> told(const ComparisonSet& set) {
  std::vector<std::string> lines;
  for (const Shortfall& one : set.shortfalls) {
    lines.push_back(std::string(one.head ? "head " : "baseline ") + shortfall_name(one.kind) + " " +
                    one.scenario.substr(0, one.scenario.find(' ')) +
                    (one.reason.empty() ? "" : ": " + one.reason) + (one.minor ? " (minor)" : ""));
  }
  return lines;
}

TEST(Missing, WhatTheOtherSidesManifestsHaveIsNeitherNewNorRemoved) {
  struct Case {
    const char *outcome, *reason, *told;
  };
  for (const Case& c :
       {Case{"error", "no such file: build/mine", "head could_not_run beta: no such file: build/mine"},
        {"failed", "stalled", "head did_not_pass beta: stalled"},
        {"inconclusive", "", "head did_not_pass beta"},
        {"skipped", "needs 64 CPUs", "head skipped beta: needs 64 CPUs"},
        {"passed", "", "head unpaired beta: it passed, but its sidecar is not there"},
        {"", "", "head unfinished beta"}}) {
    const ComparisonSet set = Sides{{record("alpha"), record("beta")},
                                    {record("alpha")},
                                    {},
                                    {run_of({planned("alpha"), planned("beta", c.outcome, c.reason)})}}
                                  .compared();
    EXPECT_THAT(told(set), ::testing::ElementsAre(c.told));
    EXPECT_EQ(set.only_baseline + set.only_head, 0U) << c.told;
    EXPECT_EQ(set.scenarios, 1U);
  }
}

TEST(Missing, NewAndRemovedAreWhatTheManifestsOfTheOtherSideDoNotHave) {
  const ComparisonSet set = Sides{{record("alpha"), record("old")},
                                  {record("alpha"), record("fresh")},
                                  {run_of({planned("alpha"), planned("old")})},
                                  {run_of({planned("alpha"), planned("fresh")})}}
                                .compared();
  EXPECT_THAT(told(set), IsEmpty());
  EXPECT_EQ(set.only_baseline, 1U);
  EXPECT_EQ(set.only_head, 1U);
  EXPECT_THAT(set.notes, IsEmpty());
}

TEST(Missing, WithoutManifestsThatIsAGuessWhichIsTold) {
  const ComparisonSet set =
      Sides{{record("alpha"), record("old")}, {record("alpha"), record("fresh")}, {}, {}}.compared();
  EXPECT_EQ(set.only_baseline, 1U);
  EXPECT_EQ(set.only_head, 1U);
  EXPECT_THAT(told(set), ::testing::UnorderedElementsAre("head unpaired old (minor)",
                                                         "baseline unpaired fresh (minor)"));
  EXPECT_EQ(set.notes.size(), 2U);
}

TEST(Missing, TestsWithoutASidecarOnEitherSideAreFoundInTheManifests) {
  const std::vector<RunManifest> runs = {run_of({planned("alpha", "error", "no QEMU")})};
  const ComparisonSet set = Sides{{}, {}, runs, runs}.compared();
  EXPECT_THAT(told(set), ::testing::UnorderedElementsAre("baseline could_not_run alpha: no QEMU",
                                                         "head could_not_run alpha: no QEMU"));
  EXPECT_TRUE(set.baseline_has_tests);
  const ComparisonSet removed = Sides{
      {record("b")},
      {record("b")},
      {run_of({planned("b"), planned("alpha", "error")})},
      {run_of({planned("b")})}}.compared();
  EXPECT_THAT(told(removed), ::testing::ElementsAre("baseline could_not_run alpha (minor)"))
      << "HEAD has no such test";
  const ComparisonSet added = Sides{{record("b")},
                                    {record("b")},
                                    {run_of({planned("b")})},
                                    {run_of({planned("b"), planned("alpha", "error")})}}
                                  .compared();
  EXPECT_THAT(told(added), ::testing::ElementsAre("head could_not_run alpha"));
}

TEST(Missing, WhatOneRunsFilterLeftOutIsMissingAndWhatBothLeftOutIsNot) {
  PlannedTest left_out = planned("beta", "");
  left_out.selected = false;
  const std::vector<RunManifest> filtered = {run_of({planned("alpha"), left_out})};
  const Sides one{{record("alpha"), record("beta")},
                  {record("alpha")},
                  {run_of({planned("alpha"), planned("beta")})},
                  filtered};
  EXPECT_THAT(told(one.compared()), ::testing::ElementsAre("head left_out beta"));
  const Sides both{{record("alpha")}, {record("alpha")}, filtered, filtered};
  EXPECT_THAT(told(both.compared()), ::testing::UnorderedElementsAre("head left_out beta (minor)",
                                                                     "baseline left_out beta (minor)"));
}

TEST(Missing, OtherKernelsAndMachinesAreNamedOnce) {
  EXPECT_THAT(
      told(Sides{{record("a", "6.18.15")}, {record("a", "6.18.16")}, {}, {}}.compared()),
      ::testing::ElementsAre("head other_kernel a: kernel 6.18.15 on the baseline, kernel 6.18.16 on HEAD"));
  SidecarRecord kvm = record("a");
  kvm.accelerator = "kvm";
  const ComparisonSet set = Sides{{record("a")}, {kvm}, {}, {}}.compared();
  EXPECT_THAT(told(set),
              ::testing::ElementsAre("head other_machine a: tcg/host on the baseline, kvm/host on HEAD"));
  EXPECT_EQ(set.only_baseline + set.only_head, 0U);
  EXPECT_THAT(told(Sides{{record("a")}, {record("a"), kvm}, {}, {}}.compared()),
              ::testing::ElementsAre("baseline unpaired a: kvm/host on HEAD only (minor)"));
}

TEST(Missing, ASkippedTestKeepsItsPlaceThoughItsSidecarNamesNoWork) {
  SidecarRecord skipped = record("a");
  skipped.passed = false;
  skipped.skipped = true;
  skipped.work_type = "skipped";
  skipped.accelerator = skipped.time_source = "";
  EXPECT_THAT(told(Sides{{record("a")}, {skipped}, {}, {}}.compared()),
              ::testing::ElementsAre("head skipped a"));
  EXPECT_THAT(told(Sides{{skipped}, {skipped}, {}, {}}.compared()),
              ::testing::UnorderedElementsAre("head skipped a (minor)", "baseline skipped a (minor)"));
}

TEST(Missing, ARunWithoutAnEndIsAWarning) {
  RunManifest killed = run_of({planned("alpha"), planned("beta", ""), planned("gamma", "")});
  killed.ended.clear();
  const ComparisonSet set =
      Sides{{record("alpha"), record("beta")}, {record("alpha")}, {}, {killed}}.compared();
  EXPECT_THAT(told(set), ::testing::UnorderedElementsAre("head unfinished beta", "head unfinished gamma"));
  ASSERT_EQ(set.warnings.size(), 1U);
  EXPECT_THAT(set.warnings[0], HasSubstr("did not come to its end: 2 of its tests have no result"));
}

TEST(Missing, AnAbandonedRunOnAKernelOfOneSideOnlyHindersNobody) {
  RunManifest abandoned = run_of({planned("a", "")}, "6.17.1");
  abandoned.ended.clear();
  const ComparisonSet set =
      Sides{{record("a")}, {record("a")}, {run_of({planned("a")})}, {run_of({planned("a")}), abandoned}}
          .compared();
  EXPECT_THAT(told(set), ::testing::ElementsAre("head unfinished a (minor)"));
  EXPECT_EQ(set.scenarios, 1U);
}

TEST(Missing, OnlyWhatTheFilterSelectsIsMissed) {
  ComparisonOptions options;
  options.filter = *Filter::parse("alpha", "-E");
  options.head_runs = {run_of({planned("alpha", "error"), planned("beta", "error")})};
  EXPECT_THAT(told(compare_sides({record("alpha"), record("beta")}, {}, options)),
              ::testing::ElementsAre("head could_not_run alpha"));
}

TEST(Missing, MustFailMetricsNeedAValue) {
  SidecarRecord with = record("a"), without = record("a");
  with.values["worst_spread"] = 5;
  struct Case {
    SidecarRecord baseline, head;
    std::vector<std::string> names;
    std::size_t hinder;
  };
  for (const Case& c : {Case{with, with, {"worst_spread"}, 0},
                        {with, without, {"worst_spread"}, 1},
                        {without, with, {"worst_spread"}, 1},
                        {without, without, {"worst_spread"}, 1},
                        {with, without, {"worst_gap_ms"}, 0}}) {
    const ComparisonSet set = Sides{{c.baseline}, {c.head}, {}, {}}.compared();
    std::vector<Shortfall> shortfalls = set.shortfalls;
    require_values(set, c.names, shortfalls);
    EXPECT_EQ(static_cast<std::size_t>(std::count_if(shortfalls.begin(), shortfalls.end(),
                                                     [](const Shortfall& s) { return !s.minor; })),
              c.hinder);
  }
}

}  // namespace
}  // namespace ktstr
