// SPDX-License-Identifier: Apache-2.0
#include "judge/expectations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t kStart = 5'000'000'000, kMs = 1'000'000;

/// Two phases, "a" with 100 iterations and "b" with 150 in the same time, and two snapshots.
ScenarioReport course() {
  ScenarioReport scenario;
  scenario.start_ns = kStart;
  scenario.end_ns = kStart + 1000 * kMs;
  const std::uint64_t done[] = {0, 100, 250};
  for (std::size_t m = 0; m < 3; ++m) {
    Mark mark;
    mark.at_ns = kStart + m * 500 * kMs;
    mark.label = m == 0 ? "a" : m == 1 ? "b" : "";
    mark.sets.resize(1);
    mark.sets[0].iterations = done[m];
    scenario.marks.push_back(std::move(mark));
  }
  scenario.snapshots = {{"first", kStart, {{"slice_ns", 8}, {"zero", 0}}},
                        {"second", kStart + 500 * kMs, {{"slice_ns", 4}, {"zero", 0}}}};
  return scenario;
}

/// Samples every 100 ms, one for each number of running tasks.
MonitorReport monitor(std::initializer_list<std::uint64_t> running) {
  MonitorReport report;
  for (const std::uint64_t tasks : running) {
    MonitorSample sample;
    sample.at_ns = kStart + report.samples.size() * 100 * kMs;
    sample.valid = true;
    sample.cpus = 2;
    sample.running = tasks;
    report.samples.push_back(sample);
  }
  return report;
}

Findings judged(const std::string& expectation, const MonitorReport& samples_of = {}) {
  const TestSpec test =
      samples::test(R"({"name": "t", "cgroups": [{"name": "g", "work": {"type": "SpinWait"}}],
    "steps": [{"name": "a", "hold_ms": 500, "ops": [{"op": "snapshot", "name": "first"}]},
              {"name": "b", "hold_ms": 500, "ops": [{"op": "snapshot", "name": "second"}]}],
    "expect": [)" + expectation +
                    "]}");
  Findings findings;
  judge_expectations(test, course(), samples_of, findings);
  return findings;
}

void expect_fine(const std::string& expectation, const MonitorReport& samples_of = {}) {
  const Findings findings = judged(expectation, samples_of);
  EXPECT_THAT(findings.failures, IsEmpty()) << expectation;
  EXPECT_THAT(findings.doubts, IsEmpty()) << expectation;
}

TEST(Expectations, FiguresOfPhasesAndSnapshotsHaveLimits) {
  expect_fine(R"({"that": "between", "value": "total_iterations", "at": "b", "min": 150, "max": 150})");
  expect_fine(R"({"that": "between", "value": "g/total_iterations", "at": "a", "max": 100})");
  expect_fine(R"({"that": "between", "value": "slice_ns", "at": "second", "max": 4})");
  EXPECT_THAT(judged(R"({"that": "between", "value": "slice_ns", "at": "first", "max": 4})").failures,
              ElementsAre("\"slice_ns\" of \"first\" is 8, expected at most 4 (expect: between)"));
}

TEST(Expectations, OnePhaseStandsBesideAnother) {
  expect_fine(
      R"({"that": "ratio", "value": "iteration_rate", "at": "b", "than": "a", "min": 1.5, "max": 1.5})");
  EXPECT_THAT(
      judged(R"({"that": "ratio", "value": "g/iteration_rate", "at": "a", "than": "b", "min": 0.9})")
          .failures,
      ElementsAre(
          "\"g/iteration_rate\" of \"a\" is 200, 0.666667 times the 300 of \"b\", expected at least 0.9 "
          "(expect: ratio)"));
  EXPECT_THAT(
      judged(R"({"that": "ratio", "value": "zero", "at": "first", "than": "second", "min": 1})").doubts,
      ElementsAre(HasSubstr("it is 0 in \"second\"")));
}

TEST(Expectations, FiguresThatGrowDoNotFall) {
  expect_fine(R"({"that": "grows", "value": "iteration_rate"})");
  EXPECT_THAT(judged(R"({"that": "grows", "value": "slice_ns"})").failures,
              ElementsAre("\"slice_ns\" falls from 8 in \"first\" to 4 in \"second\" (expect: grows)"));
}

TEST(Expectations, WhatIsNotThereIsDoubtful) {
  const Findings missing = judged(R"({"that": "between", "value": "slice_n", "at": "first", "max": 4})");
  EXPECT_THAT(missing.doubts, ElementsAre(HasSubstr("no such figure (did you mean \"slice_ns\"?)")));
  EXPECT_THAT(missing.failures, IsEmpty());
  EXPECT_THAT(judged(R"({"that": "grows", "value": "nothing"})").doubts,
              ElementsAre(HasSubstr("fewer than two phases or snapshots have it")));
  MonitorReport none;
  none.reason = "the kernel tells no symbols";
  EXPECT_THAT(judged(R"({"that": "never_above", "series": "nr_running", "max": 4})", none).doubts,
              ElementsAre(HasSubstr("cannot be judged: the kernel tells no symbols")));
  EXPECT_THAT(
      judged(R"({"that": "never_above", "series": "local_dsq_depth", "max": 4})", monitor({1, 1, 1})).doubts,
      ElementsAre(HasSubstr("0 samples have it, and 3 are needed")));
}

TEST(Expectations, SeriesSettle) {
  const std::string wanted = R"({"that": "settles", "series": "nr_running", "within_ms": 200, "max": 4})";
  expect_fine(wanted, monitor({9, 9, 9, 4, 3}));
  expect_fine(wanted, monitor({1, 1, 1}));
  EXPECT_THAT(
      judged(wanted, monitor({9, 1, 1, 9, 3})).failures,
      ElementsAre("\"nr_running\" is 9 at +300 ms, expected at most 4 from +200 ms on (expect: settles)"));
  EXPECT_THAT(judged(wanted, monitor({1, 1, 9})).failures, ElementsAre(HasSubstr("it has not settled")));
}

TEST(Expectations, SeriesAreNotAboveForLong) {
  const std::string wanted = R"({"that": "never_above", "series": "nr_running", "max": 4, "for_ms": 200})";
  expect_fine(wanted, monitor({9, 9, 9, 1, 9}));
  EXPECT_THAT(
      judged(wanted, monitor({1, 5, 9, 7, 6, 1})).failures,
      ElementsAre(
          "\"nr_running\" is above 4 from +100 ms on for at least 300 ms, up to 9, at most 200 ms are "
          "expected (expect: never_above)"));
  EXPECT_THAT(
      judged(R"({"that": "never_above", "series": "nr_running", "max": 4})", monitor({1, 5, 1})).failures,
      ElementsAre(HasSubstr("is above 4 from +100 ms")));
}

TEST(Expectations, SeriesDoNotFall) {
  expect_fine(R"({"that": "non_decreasing", "series": "nr_running"})", monitor({1, 1, 2}));
  EXPECT_THAT(judged(R"({"that": "non_decreasing", "series": "nr_running"})", monitor({1, 3, 2})).failures,
              ElementsAre("\"nr_running\" falls from 3 to 2 at +200 ms (expect: non_decreasing)"));
  expect_fine(R"({"that": "non_decreasing", "series": "nr_running", "at": "b"})",
              monitor({9, 8, 7, 6, 5, 1, 2, 3}));
}

}  // namespace
}  // namespace ktstr::kvm
