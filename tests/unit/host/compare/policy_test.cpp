// SPDX-License-Identifier: Apache-2.0
#include "compare/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "known_metrics.hpp"

namespace ktstr {
namespace {

using ::testing::HasSubstr;

constexpr FilterSubject kWake{"wake", "1n1l2c1t", "s", "PipeIo"}, kOther{"other", "1n1l2c1t", "s", "PipeIo"};

MetricRule rule(const Policy& policy, const char* metric, const FilterSubject& subject = kOther) {
  return policy.rule(*known(metric), subject);
}

TEST(Policy, WithoutOneEveryMetricHasItsOwnGates) {
  const Metric& gap = *known("worst_gap_ms");
  EXPECT_EQ(rule(Policy(), "worst_gap_ms"), (MetricRule{gap.abs_gate, gap.rel_gate, gap.polarity}));
  EXPECT_EQ(rule(Policy::uniform(0.07), "worst_gap_ms"), (MetricRule{gap.abs_gate, 0.07, gap.polarity}));
}

TEST(Policy, LayersFromGeneralToParticular) {
  const auto policy = Policy::parse(R"({
    // comments are fine
    "default_percent": 15,
    "per_metric_percent": {"iteration_rate": 5},
    "per_metric_abs": {"worst_gap_ms": 100},
    "direction": {"total_run_delay": "lower"},
    "scenarios": [
      {"filter": "wake*", "default_percent": 40, "per_metric_abs": {"worst_gap_ms": 7}},
      {"filter": "topology(=1n1l2c1t) and wake", "per_metric_percent": {"worst_gap_ms": 2}, "direction": {"worst_gap_ms": "informational"}},
    ],
  })",
                                    "p.json", kMetrics);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(rule(*policy, "worst_spread").rel_gate, 0.15);
  EXPECT_EQ(rule(*policy, "iteration_rate").rel_gate, 0.05);
  EXPECT_EQ(rule(*policy, "worst_gap_ms").abs_gate, 100);
  EXPECT_EQ(rule(*policy, "total_run_delay").polarity, KTSTR_LOWER_IS_BETTER);
  EXPECT_EQ(rule(*policy, "worst_spread", kWake).rel_gate, 0.40);
  EXPECT_EQ(rule(*policy, "worst_gap_ms", kWake), (MetricRule{7, 0.02, KTSTR_INFORMATIONAL}));
  EXPECT_EQ(rule(*Policy::parse(R"({"default_percent": null})", "p", kMetrics), "worst_gap_ms").rel_gate,
            known("worst_gap_ms")->rel_gate);
}

TEST(Policy, NamesWhatIsWrong) {
  struct Case {
    const char *text, *message;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"[]", "p.json: expected an object"},
           {"{", "p.json"},
           {R"({"default_pct": 1})", "default_pct"},
           {R"({"default_percent": -1})", "default_percent: expected a number of 0 or more, found -1"},
           {R"({"default_percent": "5"})", "default_percent: expected a number, found \"5\""},
           {R"({"per_metric_percent": {"worst_gap": 5}})",
            "there is no metric \"worst_gap\" (did you mean \"worst_gap_ms\"?)"},
           {R"({"per_metric_percent": {"worst_gap_ms": -5}})",
            "per_metric_percent.worst_gap_ms: expected a number of 0 or more, found -5"},
           {R"({"per_metric_abs": {"worst_gap_ms": true}})",
            "per_metric_abs.worst_gap_ms: expected a number"},
           {R"({"direction": {"worst_gap_ms": "up"}})", "unknown direction \"up\""},
           {R"({"scenarios": {}})", "scenarios: expected an array"},
           {R"({"scenarios": [{}]})", "scenarios[0]: \"filter\" is missing"},
           {R"({"scenarios": [{"filter": "a ("}]})", "scenarios[0].filter"},
           {R"({"scenarios": [{"filter": "a"}, {"filter": "b", "match": 1}]})", "scenarios[1]"},
       }) {
    const auto policy = Policy::parse(c.text, "p.json", kMetrics);
    ASSERT_FALSE(policy) << c.text;
    EXPECT_EQ(policy.error().code, ExitCode::kUsage) << c.text;
    EXPECT_THAT(policy.error().message, HasSubstr(c.message)) << c.text;
  }
}

TEST(Policy, KnowsWhereItsFiltersStand) {
  const auto policy =
      Policy::parse(R"({"scenarios": [{"filter": "a"}, {"filter": "b"}]})", "p.json", kMetrics);
  ASSERT_TRUE(policy);
  ASSERT_EQ(policy->layers().size(), 3U);
  EXPECT_TRUE(policy->layers()[0].filter.empty()) << "for all scenarios";
  EXPECT_EQ(policy->layers()[2].where, "p.json: scenarios[1].filter");
  EXPECT_EQ(policy->layers()[2].filter.text(), "b");
}

}  // namespace
}  // namespace ktstr
