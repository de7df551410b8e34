// SPDX-License-Identifier: Apache-2.0
#include "compare/payload_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "compare/pairing.hpp"

namespace ktstr {
namespace {

using ::testing::ElementsAre;

constexpr const char* kPayloadMetrics = R"([
  {"payload": "load", "metrics": [{"name": "p99", "value": 1, "polarity": "LowerBetter", "unit": "us"}]},
  {"payload": "load", "metrics": [{"name": "p99", "value": 40, "polarity": "LowerBetter", "unit": "us"},
                                  {"name": "ops", "value": 900, "polarity": "HigherBetter", "unit": ""},
                                  {"name": "seen", "value": 7, "polarity": "Unknown", "unit": ""}]},
  {"payload": "load", "metrics": [{"name": "bad", "value": "x"}, 7, {"value": 1}]},
  {"scheduler": "mine", "metrics": [{"name": "nr", "value": 5, "polarity": "LowerBetter", "unit": ""}]},
  {"metrics": [{"name": "of nobody", "value": 1}]}, 3])";

SidecarRecord record(const std::vector<PayloadMetricRecord>& metrics) {
  SidecarRecord record;
  record.test = "t";
  record.topology = "1n1l1c1t";
  record.scheduler = "s";
  record.work_type = "w";
  record.passed = true;
  record.payload_metrics = metrics;
  return record;
}

const MetricComparison* find(const ComparisonSet& set, const std::string& name) {
  const auto it = std::find_if(set.metrics.begin(), set.metrics.end(),
                               [&](const auto& metric) { return metric->name() == name; });
  return it == set.metrics.end() ? nullptr : it->get();
}

TEST(PayloadMetrics, AreReadOfTheLastRunOfEachPayload) {
  const auto metrics = read_payload_metrics(json::parse(kPayloadMetrics));
  ASSERT_EQ(metrics.size(), 4U);
  EXPECT_EQ(metrics[3].name, "mine.nr");
  EXPECT_EQ(metrics[0].name, "load.ops");
  EXPECT_EQ(metrics[0].polarity, KTSTR_HIGHER_IS_BETTER);
  EXPECT_EQ(metrics[1].name, "load.p99");
  EXPECT_EQ(metrics[1].value, 40);
  EXPECT_EQ(metrics[1].unit, "us");
  EXPECT_EQ(metrics[2].polarity, KTSTR_INFORMATIONAL);
  EXPECT_TRUE(read_payload_metrics(json::parse(R"({"a": 1})")).empty());
}

TEST(PayloadMetrics, AreComparedAsTheirSidecarsDeclareThem) {
  const auto before = record({{"load.p99", "us", KTSTR_LOWER_IS_BETTER, 40}}),
             after = record({{"load.p99", "us", KTSTR_LOWER_IS_BETTER, 80}});
  const ComparisonSet set = compare_sides({before}, {after}, {});
  const MetricComparison* row = find(set, "load.p99");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->c_struct().baseline_estimate, 40);
  EXPECT_EQ(row->c_struct().head_estimate, 80);
  EXPECT_EQ(row->rule().polarity, KTSTR_LOWER_IS_BETTER);
  EXPECT_EQ(row->metric().unit, "us");
  EXPECT_TRUE(row->gates());
}

TEST(PayloadMetrics, ADisagreementAboutTheDirectionIsInformational) {
  const auto before = record({{"load.p99", "us", KTSTR_LOWER_IS_BETTER, 40}}),
             after = record({{"load.p99", "us", KTSTR_HIGHER_IS_BETTER, 80}});
  const ComparisonSet set = compare_sides({before}, {after}, {});
  ASSERT_NE(find(set, "load.p99"), nullptr);
  EXPECT_FALSE(find(set, "load.p99")->gates());
}

TEST(PayloadMetrics, WhatTheConfigurationDeclaresWins) {
  MetricRegistry metrics;
  ASSERT_TRUE(metrics.add(
      {"latency", "ms", "stats.ext_metrics.load.p99", "", KTSTR_LOWER_IS_BETTER, KTSTR_CLASS_RATIO, 0, 0.5}));
  ASSERT_TRUE(metrics.add({"load.ops", "1/s", "", "", KTSTR_HIGHER_IS_BETTER, KTSTR_CLASS_RATIO, 0, 0.5}));
  const std::vector<SidecarRecord> side = {
      record({{"load.p99", "us", KTSTR_LOWER_IS_BETTER, 40}, {"load.ops", "", KTSTR_LOWER_IS_BETTER, 40}})};
  EXPECT_EQ(with_payload_metrics(side, side, metrics), nullptr);
  EXPECT_EQ(with_payload_metrics({}, {}, metrics), nullptr);
}

}  // namespace
}  // namespace ktstr
