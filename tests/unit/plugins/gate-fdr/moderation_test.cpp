// SPDX-License-Identifier: Apache-2.0
//
// Reference values were computed at 40 digits outside this project.
#include "moderation.hpp"

#include <gtest/gtest.h>

#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <vector>

namespace ktstr::fdr {
namespace {

TEST(Moderation, AgreesWithTheReferences) {
  const std::vector<Variance> spread = {{.01, 4}, {.02, 4}, {.04, 4}, {.08, 4}, {.16, 4}};
  const Variance prior = prior_of(spread);
  EXPECT_NEAR(prior.df, 4.50745993293, 1e-10 * prior.df);
  EXPECT_NEAR(prior.value, .0413171996061, 1e-10 * prior.value);
  const Variance first = shrink(spread[0], prior);
  EXPECT_NEAR(first.value, .0265926167797, 1e-10 * first.value);
  EXPECT_NEAR(first.df, 8.50745993293, 1e-10 * first.df);
}

TEST(Moderation, VariancesThatDifferLessThanChanceAreOne) {
  const Variance prior = prior_of(std::vector<Variance>{{.02, 4}, {.021, 4}, {.019, 4}, {.022, 4}});
  EXPECT_TRUE(std::isinf(prior.df));
  EXPECT_NEAR(prior.value, .0268239965732, 1e-10 * prior.value);
  EXPECT_EQ(shrink({.5, 4}, prior).value, prior.value);
}

TEST(Moderation, NeedsTwoThatVary) {
  EXPECT_TRUE(std::isnan(prior_of(std::vector<Variance>{}).value));
  EXPECT_TRUE(std::isnan(prior_of(std::vector<Variance>{{.01, 4}, {0, 4}, {.02, 0}}).value));
}

TEST(Moderation, ShrinkingWeighsByDegreesOfFreedom) {
  const Variance both = shrink({.01, 2}, {.04, 6});
  EXPECT_NEAR(both.value, (2 * .01 + 6 * .04) / 8, 1e-17);
  EXPECT_EQ(both.df, 8);
  EXPECT_EQ(shrink({.01, 2}, {.04, 0}).value, .01);
  EXPECT_EQ(shrink({0, 0}, {.04, 6}).value, .04);
}

TEST(Moderation, InverseTrigamma) {
  for (const double y : {1e-3, 0.1, 0.5, 1.0, 2.25, 10.0, 1e4})
    EXPECT_NEAR(inverse_trigamma(boost::math::trigamma(y)), y, 1e-10 * y) << y;
}

}  // namespace
}  // namespace ktstr::fdr
