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

TEST(Luck, OfManyRows) {
  EXPECT_FALSE(any_false_alarm({}));
  EXPECT_FALSE(any_false_alarm({{0.2, kUnknown}, {}}));  // a gate that states none may call anything
  EXPECT_NEAR(*any_false_alarm({{0.5, 0.2}, {kUnknown}, {0.1}}), 1 - 0.8 * 0.9, 1e-12);
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
