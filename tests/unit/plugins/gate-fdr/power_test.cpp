// SPDX-License-Identifier: Apache-2.0
#include "power.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions/non_central_t.hpp>
#include <cmath>
#include <ktstr/kit/stats.hpp>
#include <limits>

namespace ktstr::fdr {
namespace {

TEST(Power, TheShiftHasThatPower) {
  for (const double df : {1.0, 2.0, 4.0, 8.5, 18.0, 200.0}) {
    for (const double alpha : {0.05, 0.05 / 40, 1e-5}) {
      const double shift = detectable_shift(df, alpha);
      if (kit::t_critical(df, alpha) > 900) continue;  // beyond, the sum of the quantiles is taken
      const boost::math::non_central_t_distribution<double> t(df, shift);
      EXPECT_NEAR(boost::math::cdf(boost::math::complement(t, kit::t_critical(df, alpha))), 0.8, 1e-8)
          << df << " " << alpha;
    }
  }
}

// Two sides of n values, in standard deviations of one value: a table computed outside this project.
TEST(Power, AgreesWithTheTable) {
  const struct {
    double n, shift;
  } rows[] = {{2, 3.98}, {3, 2.48}, {4, 2.00}, {5, 1.72}, {7, 1.41}, {10, 1.16}, {15, 0.93}, {20, 0.80}};
  for (const auto& row : rows)
    EXPECT_NEAR(detectable_shift(2 * row.n - 2, 0.05) * std::sqrt(2 / row.n), row.shift, 0.006) << row.n;
}

TEST(Power, HasAnAnswerForEverything) {
  EXPECT_TRUE(std::isnan(detectable_shift(0, 0.05)));
  EXPECT_TRUE(std::isnan(detectable_shift(4, 0)));
  EXPECT_TRUE(std::isnan(detectable_shift(4, 0.9)));
  EXPECT_GT(detectable_shift(1, 1e-9), 1e6);
  EXPECT_GT(detectable_shift(1e9, 0.05), 2.4);
}

}  // namespace
}  // namespace ktstr::fdr
