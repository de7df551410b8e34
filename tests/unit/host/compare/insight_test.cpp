// SPDX-License-Identifier: Apache-2.0
#include "compare/insight.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "known_metrics.hpp"

namespace ktstr {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::unique_ptr<MetricComparison> comparison(const std::vector<double>& before,
                                             const std::vector<double>& after,
                                             const char* metric = "iteration_rate") {
  const Metric& row = *known(metric);
  auto made = std::make_unique<MetricComparison>(ScenarioKey{"t", "", "", "", "", "", ""}, row,
                                                 MetricRule{1, 0.1, row.polarity});
  for (const double v : before) made->add(false, v, 0, 0);
  for (const double v : after) made->add(true, v, 0, 0);
  made->finish(false, false, false);
  return made;
}

TEST(Luck, OfOneMetric) {
  // Half of the disjoint bands are regressions: 1/6 for two runs, 1/20 for three; from five on Welch's 5 %
  // decides.
  EXPECT_NEAR(flagged_by_luck(2, 10, 0.05), 1.0 / 6, 1e-9);
  EXPECT_NEAR(flagged_by_luck(3, 10, 0.05), 1.0 / 20, 1e-9);
  EXPECT_NEAR(flagged_by_luck(10, 10, 0.05), 0.025, 1e-9);
  EXPECT_LT(flagged_by_luck(3, 0.02, 0.25), 1e-9);           // noise far below the gate
  EXPECT_NEAR(flagged_by_luck(1, 0.2, 0.25), 0.2150, 5e-4);  // one stored run a side: the size alone decides
  EXPECT_EQ(flagged_by_luck(5, 0, 0.1), 0);
}

TEST(Luck, OfManyMetrics) {
  std::vector<std::unique_ptr<MetricComparison>> many;
  EXPECT_FALSE(any_flagged_by_luck(many));
  many.push_back(comparison({100}, {101}));
  EXPECT_FALSE(any_flagged_by_luck(many));  // one run a side and no history
  many.back()->set_history({0.04, 10, kUnknown, kUnknown, 3});
  EXPECT_GT(*any_flagged_by_luck(many), 0.3);
  many.clear();
  for (int i = 0; i < 40; ++i) many.push_back(comparison({100, 160, 220}, {110, 150, 230}));
  EXPECT_GT(*any_flagged_by_luck(many), 0.8);
  many.clear();
  many.push_back(comparison({1, 2, 4}, {1, 2, 4}, "total_run_delay"));
  EXPECT_FALSE(any_flagged_by_luck(many));  // informational metrics do not gate
}

TEST(Luck, NoiseIsPooledOverBothSides) {
  EXPECT_NEAR(log_noise(comparison({1, std::exp(2.0)}, {5, 5})->c_struct()), 1, 1e-12);
  EXPECT_TRUE(std::isnan(log_noise(comparison({0, 1}, {-1, 1})->c_struct())));
}

TEST(Sight, CountsWhatCouldNotHaveBeenSeen) {
  const Sight sight =
      sight_of({{0.05, 0.1, 5}, {0.21, 0.1, 5}, {0.4641, 0.1, 5}, {kUnknown, 0.1, 5}, {0.1, 0.1, 5}});
  EXPECT_EQ(sight.judged, 5U);
  EXPECT_EQ(sight.blind, 2U);
  EXPECT_EQ(sight.unknown, 1U);
  EXPECT_NEAR(static_cast<double>(sight.runs_for_half), 20, 1);  // 1.21 is 1.1 squared: four times the runs
  EXPECT_NEAR(static_cast<double>(sight.runs_for_all), 80, 1);   // 1.4641 is 1.1 to the fourth: sixteen times
  EXPECT_EQ(sight_of({{0.05, 0.1, 5}}).runs_for_all, 0U);
  EXPECT_EQ(sight_of({}).judged, 0U);
}

TEST(Sight, WhatWasSettledWasSeenAndWhatNobodyCouldTellWasNot) {
  const Sight sight = sight_of(
      {{kUnknown, 0.1, 1, false, true}, {0.5, 0.1, 1, true, false}, {kUnknown, 0.1, 1}, {0, 0.1, 1}});
  EXPECT_EQ(sight.blind, 1U);
  EXPECT_EQ(sight.unknown, 1U);
  EXPECT_EQ(sight.sighted(), 2U);
  EXPECT_EQ(sight.runs_for_all, 0U) << "nobody knows how many";
  EXPECT_FALSE(sight.too_dim(0.5));
  EXPECT_TRUE(sight.too_dim(0.7));
  EXPECT_FALSE(sight_of({{kUnknown, 0.1, 1}}).too_dim(1)) << "a gate without noise promises nothing";
}

TEST(Sight, AGateIsTheLargerOfItsTwo) {
  EXPECT_NEAR(size_of_gate(comparison({2}, {2})->c_struct()), 0.5, 1e-12) << "1 of 2";
  EXPECT_NEAR(size_of_gate(comparison({1000}, {2})->c_struct()), 0.1, 1e-12);
  EXPECT_NEAR(size_of_gate(comparison({0}, {2})->c_struct()), 0.1, 1e-12);
}

}  // namespace
}  // namespace ktstr
