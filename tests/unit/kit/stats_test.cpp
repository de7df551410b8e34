// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/stats.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace ktstr::kit {
namespace {

constexpr double kHuge = std::numeric_limits<double>::max();

TEST(Stats, MeansOfEqualValuesAreThatValueAndNothingOverflows) {
  EXPECT_TRUE(std::isnan(mean({})));
  const double tenths[] = {0.1, 0.1, 0.1}, huge[] = {kHuge, kHuge, -kHuge, kHuge}, mixed[] = {1, 2, 6};
  EXPECT_EQ(mean(tenths), 0.1);
  EXPECT_NEAR(mean(huge) / kHuge, 0.5, 1e-12);
  EXPECT_EQ(mean(mixed), 3);
}

TEST(Stats, MediansAreTheMiddleOrMadeOfIt) {
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_TRUE(std::isnan(upper_median({})));
  EXPECT_EQ(median({5}), 5);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({9, 1, 5, 3}), 4);
  EXPECT_EQ(upper_median({9, 1, 5, 3}), 5);
  EXPECT_EQ(upper_median({9, 1, 5}), 5);
}

TEST(Stats, ChangesAreRelativeToTheSizeOfWhatWas) {
  EXPECT_EQ(relative_change(0, 0), 0);
  EXPECT_EQ(relative_change(2, 3), 0.5);
  EXPECT_EQ(relative_change(-2, -3), -0.5);
  EXPECT_EQ(relative_change(0, 3), kInfinity);
  EXPECT_EQ(relative_change(0, -3), -kInfinity);
}

TEST(Stats, TheNormalTailAgreesWithTheTable) {
  EXPECT_EQ(normal_tail(0), 0.5);
  EXPECT_NEAR(normal_tail(1.959963984540054), 0.025, 1e-15);
  EXPECT_NEAR(normal_tail(-1.959963984540054), 0.975, 1e-15);
}

TEST(Stats, RangesAreDisjointByChance) {
  const double exact[] = {1.0 / 3,    1.0 / 10,   1.0 / 35,    1.0 / 126,  1.0 / 462,
                          1.0 / 1716, 1.0 / 6435, 1.0 / 24310, 1.0 / 92378};
  for (std::uint64_t n = 2; n <= 10; ++n) EXPECT_NEAR(disjoint_by_chance(n, n), exact[n - 2], 1e-15) << n;
  EXPECT_NEAR(disjoint_by_chance(2, 4), 2.0 / 15, 1e-15);
  EXPECT_EQ(disjoint_by_chance(2, 4), disjoint_by_chance(4, 2));
  EXPECT_GE(disjoint_by_chance(1000000000, 1000000000), 0);
}

TEST(StudentsT, QuantilesAgreeWithTheTables) {
  const struct {
    double df, q975, q95;
  } rows[] = {{1, 12.7062047362, 6.31375151468},  {2, 4.30265272975, 2.91998558035},
              {3, 3.18244630528, 2.3533634348},   {4, 2.7764451052, 2.13184678633},
              {5, 2.57058183564, 2.01504837333},  {8, 2.3060041352, 1.85954803753},
              {18, 2.10092204024, 1.73406360662}, {30, 2.0422724563, 1.69726088659}};
  for (const auto& row : rows) {
    EXPECT_NEAR(t_critical(row.df, 0.025), row.q975, 1e-10 * row.q975) << row.df;
    EXPECT_NEAR(t_critical(row.df, 0.05), row.q95, 1e-10 * row.q95) << row.df;
    EXPECT_NEAR(t_upper_tail(row.df, row.q975), 0.025, 1e-11) << row.df;
  }
  EXPECT_EQ(t_upper_tail(5, std::numeric_limits<double>::infinity()), 0);
  EXPECT_EQ(t_upper_tail(5, -std::numeric_limits<double>::infinity()), 1);
}

TEST(StudentsT, HasAnAnswerForEveryInput) {
  EXPECT_TRUE(std::isnan(t_critical(0, 0.05)));
  EXPECT_TRUE(std::isnan(t_critical(5, kNaN)));
  EXPECT_TRUE(std::isnan(t_upper_tail(5, kNaN)));
  EXPECT_TRUE(std::isnan(t_upper_tail(-1, 1)));
}

}  // namespace
}  // namespace ktstr::kit
