// SPDX-License-Identifier: Apache-2.0
#include "judge/scheduler_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SchedulerMetrics : public ::testing::Test {
 protected:
  SchedulerMetrics() {
    test_.scheduler.emplace().name = "mine";
    result_.scheduler.emplace().log = "load=1\nload=2.5\n";
    result_.scenario.emplace();
  }
  ProgramMetric& add(const std::string& name) {
    test_.scheduler->metrics.emplace_back().name = name;
    return test_.scheduler->metrics.back();
  }
  SchedulerReading& read(const std::string& name) {
    result_.scenario->readings.emplace_back().name = name;
    return result_.scenario->readings.back();
  }
  Findings judged() {
    Findings findings;
    judge_scheduler_metrics(test_, result_, findings);
    return findings;
  }

  TestSpec test_;
  AgentResult result_;
  std::string name_;
};

TEST_F(SchedulerMetrics, ComeFromEachSource) {
  add("load").regex = "load=([0-9.]+)";
  add("enqueued").variable = "nr_enqueued";
  read("enqueued").number = -7;
  ProgramMetric& socket = add("deep");
  socket.socket = "/run/s";
  socket.json = "a.1";
  read("deep").answer = R"({"a": [3, 4]})";
  const auto values = scheduler_values(test_, result_, name_);
  EXPECT_EQ(name_, "mine");
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].value, 2.5);
  EXPECT_STREQ(values[0].source, "Regex");
  EXPECT_EQ(values[1].value, -7);
  EXPECT_STREQ(values[1].source, "Variable");
  EXPECT_EQ(values[2].value, 4);
  EXPECT_STREQ(values[2].source, "Socket");
}

TEST_F(SchedulerMetrics, AreHeldToTheirLimits) {
  ProgramMetric& load = add("load");
  load.regex = "load=([0-9.]+)";
  load.unit = "tasks";
  load.max = 2;
  EXPECT_THAT(judged().failures,
              ElementsAre("scheduler mine: load is 2.5 tasks, at most 2 tasks was wanted (max)"));
}

TEST_F(SchedulerMetrics, WhatIsNotThereIsDoubtedUnlessItMayBe) {
  add("enqueued").variable = "nr_enqueue";
  read("enqueued").problem = "no BPF program has a variable \"nr_enqueue\": there are enqueued";
  EXPECT_THAT(judged().doubts,
              ElementsAre(HasSubstr("enqueued has no value: no BPF program has a variable")));
  test_.scheduler->metrics[0].exists = true;
  EXPECT_THAT(judged().failures, ElementsAre(HasSubstr("(exists)")));
  test_.scheduler->metrics[0].exists = false;
  EXPECT_THAT(judged().failures, IsEmpty());
  EXPECT_THAT(judged().doubts, IsEmpty());
  test_.scheduler->metrics[0].min = 1;
  EXPECT_THAT(judged().doubts, ElementsAre(HasSubstr("has no value")));
}

TEST_F(SchedulerMetrics, AreThoseOfTheSchedulerThatIsInForceLast) {
  test_.others.emplace_back().name = "other";
  test_.others[0].metrics.emplace_back().name = "x";
  test_.others[0].metrics[0].regex = "load=([0-9.]+)";
  Step step;
  const OperationType* replace = find_operation("replace_scheduler");
  step.operations.push_back({replace, Values{Value{std::int64_t{1}}}});
  test_.scenario.steps.push_back(step);
  EXPECT_EQ(scheduler_values(test_, result_, name_).at(0).metric->name, "x");
  EXPECT_EQ(name_, "other");
}

}  // namespace
}  // namespace ktstr::kvm
