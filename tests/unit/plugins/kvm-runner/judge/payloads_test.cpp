// SPDX-License-Identifier: Apache-2.0
#include "judge/payloads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PayloadRun run_of(std::string output, std::int64_t status = 0, std::string errors = {}) {
  PayloadRun run;
  run.exit_status = status;
  run.output = std::move(output);
  run.errors = std::move(errors);
  return run;
}

TestSpec test_with(PayloadSpec payload) {
  TestSpec test;
  payload.name = "bench";
  test.payloads.push_back(std::move(payload));
  return test;
}

Findings judged(PayloadSpec payload, PayloadRun run) {
  ScenarioReport scenario;
  scenario.payloads.push_back(std::move(run));
  Findings findings;
  judge_payloads(test_with(std::move(payload)), scenario, findings);
  return findings;
}

ProgramMetric regex(std::string pattern) {
  ProgramMetric metric;
  metric.name = "time";
  metric.regex = std::move(pattern);
  return metric;
}

TEST(PayloadNumbers, OfAWholeDocumentByPath) {
  const auto numbers = numbers_in_json(R"({"a": {"b": [1, {"c": 2.5}]}, "text": "3", "no": null})");
  ASSERT_TRUE(numbers.has_value());
  ASSERT_EQ(numbers->size(), 2U);
  EXPECT_EQ((*numbers)[0].name, "a.b.0");
  EXPECT_EQ((*numbers)[1].name, "a.b.1.c");
  EXPECT_EQ((*numbers)[1].value, 2.5);
}

TEST(PayloadNumbers, ByAPatternThatMatchesNothingToo) {
  PayloadSpec payload;
  payload.metrics = {regex("([0-9]*)")};
  const std::vector<PayloadValue> values = payload_values(payload, run_of("a 12 b 345 c"));
  ASSERT_EQ(values.size(), 1U);
  EXPECT_EQ(values[0].value, 345);
  payload.metrics = {regex("^([0-9])")};
  EXPECT_EQ(payload_values(payload, run_of("1234")).at(0).value, 1) << "there is one beginning";
  payload.metrics = {regex("(x)*")};
  EXPECT_THAT(payload_values(payload, run_of("")), IsEmpty());
  EXPECT_THAT(payload_values(payload, run_of("abc")), IsEmpty());
}

TEST(PayloadNumbers, OfTheFirstCompletePartOfOtherText) {
  const auto numbers = numbers_in_json("fio-3.33 {broken\n{\"iops\": 7, \"s\": \"}\"} tail");
  ASSERT_TRUE(numbers.has_value());
  EXPECT_EQ(numbers->at(0).value, 7);
  EXPECT_FALSE(numbers_in_json("no json at all").has_value());
  EXPECT_FALSE(numbers_in_json(std::string(100'000, '[')).has_value());
  EXPECT_FALSE(numbers_in_json("17").has_value());
}

TEST(PayloadNumbers, AreBounded) {
  std::string text = "[0";
  for (int i = 0; i < 20'000; ++i) text += ",1";
  EXPECT_LE(numbers_in_json(text + "]")->size(), 4096U);
}

TEST(PayloadMetrics, TheLastMatchCounts) {
  PayloadSpec payload;
  payload.metrics = {regex("Time: ([0-9.]+)")};
  const auto values = payload_values(payload, run_of("Time: 1.5\nTime: 0.25\n"));
  ASSERT_EQ(values.size(), 1U);
  EXPECT_EQ(values[0].value, 0.25);
  EXPECT_FALSE(values[0].from_json);
  EXPECT_EQ(payload_values(payload, run_of("", 0, "Time: 3")).at(0).value, 3)
      << "stderr where stdout has none";
  EXPECT_THAT(payload_values(payload, run_of("Time: soon")), IsEmpty());
}

TEST(PayloadJudge, ExitCodes) {
  EXPECT_THAT(judged({}, run_of("")).failures, IsEmpty());
  EXPECT_THAT(
      judged({}, run_of("", 3, "first\nbad option\n")).failures,
      ElementsAre("payload bench: ended with status 3, expected status 0; its last line: bad option"));
  PayloadSpec wants;
  wants.exit_code = 3;
  EXPECT_THAT(judged(wants, run_of("", 3)).failures, IsEmpty());
  PayloadRun stopped;
  stopped.signal = 15;
  stopped.stopped = true;
  EXPECT_THAT(judged({}, stopped).failures, IsEmpty()) << "the scenario was over";
  EXPECT_THAT(judged(wants, stopped).failures, ElementsAre(HasSubstr("was ended by signal 15")));
}

TEST(PayloadJudge, LimitsAndWhatIsMissing) {
  PayloadSpec payload;
  payload.metrics = {regex("([0-9]+) ms")};
  payload.metrics[0].max = 10;
  payload.metrics[0].unit = "ms";
  EXPECT_THAT(judged(payload, run_of("10 ms")).failures, IsEmpty());
  EXPECT_THAT(judged(payload, run_of("11 ms")).failures,
              ElementsAre("payload bench: time is 11 ms, at most 10 ms was wanted (max)"));
  EXPECT_THAT(judged(payload, run_of("nothing")).doubts, ElementsAre(HasSubstr("cannot be judged")));
  payload.metrics[0].exists = true;
  EXPECT_THAT(judged(payload, run_of("nothing")).failures,
              ElementsAre(HasSubstr("is not in its output (exists)")));
  PayloadSpec all;
  all.all_json = true;
  EXPECT_THAT(judged(all, run_of("text")).doubts, ElementsAre(HasSubstr("there is no JSON in its output")));
}

}  // namespace
}  // namespace ktstr::kvm
