// SPDX-License-Identifier: Apache-2.0
#include "benjamini_hochberg.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ktstr::fdr {
namespace {

using Values = std::vector<double>;

// The 15 p values of Benjamini and Hochberg's example (1995).
const Values kExample = {.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                         .0459, .324,  .4262, .5719, .6528, .759,  1};

void expect_near(const Values& actual, const Values& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << i;
}

std::ptrdiff_t rejected(const Values& q) {
  return std::count_if(q.begin(), q.end(), [](double value) { return value <= 0.05; });
}

TEST(BenjaminiHochberg, AgreesWithTheReferences) {
  expect_near(benjamini_hochberg(Values{.01, .04, .03, .005}), {.02, .04, .04, .02}, 1e-15);
  expect_near(benjamini_hochberg(kExample),
              {.0015, .003, .0095, .035625, .0603, .063857, .063857, .0645, .0765, .486, .581182, .714875,
               .753231, .813214, 1},
              5e-7);
  EXPECT_EQ(rejected(benjamini_hochberg(kExample)), 4);
}

TEST(Holm, AgreesWithTheReferences) {
  expect_near(holm(Values{.01, .04, .03, .005}), {.03, .06, .06, .02}, 1e-15);
  EXPECT_EQ(rejected(holm(kExample)), 3);
}

TEST(TwoStage, CountsOutWhatTheFirstPassFound) {
  // First pass at .05/1.05 finds 4 of 15, so 11 may be null: 15 p / k * 1.05 * 11/15.
  const TwoStage result = two_stage(kExample, 0.05);
  EXPECT_NEAR(result.q[0], .0015 * 1.05 * 11 / 15, 1e-15);
  EXPECT_NEAR(result.level, .05 / 1.05 / 11, 1e-15);
  EXPECT_GE(rejected(result.q), 4);
}

TEST(TwoStage, WithoutFindingsIsTheOneStageAtASlightlyLowerLevel) {
  expect_near(two_stage(Values{.5, .6, .9}, 0.05).q, {.9 * 1.05, .9 * 1.05, .9 * 1.05}, 1e-15);
  EXPECT_EQ(two_stage(Values{1, 1}, 0.05).q[0], 1);
}

TEST(TwoStage, AFindingOfTheFirstPassStaysOne) {
  const TwoStage all = two_stage(Values{.001, .002, .003}, 0.05);
  EXPECT_EQ(rejected(all.q), 3);
  for (const double q : all.q) EXPECT_GT(q, 0);
}

TEST(Adjustments, WhatIsNotTestedIsNotCounted) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Values& q : {benjamini_hochberg(Values{.01, nan, .04}), holm(Values{.01, nan, .04}),
                          two_stage(Values{.01, nan, .04}, 0.05).q}) {
    EXPECT_TRUE(std::isnan(q[1]));
    EXPECT_FALSE(std::isnan(q[0]));
  }
  EXPECT_NEAR(benjamini_hochberg(Values{.01, nan, .04})[0], .02, 1e-15);
  EXPECT_TRUE(benjamini_hochberg(Values{}).empty());
  EXPECT_TRUE(two_stage(Values{}, 0.05).q.empty());
}

}  // namespace
}  // namespace ktstr::fdr
