// SPDX-License-Identifier: Apache-2.0
//
// Reference values were computed at 40 digits outside this project.
#include "welch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace {

using ktstr::welch::Summary;
using ktstr::welch::WelchTest;

using Values = std::vector<double>;

struct Result {
  Summary a, b;
  WelchTest test;
};

Result run(const Values& a, const Values& b) {
  const int exponent = ktstr::welch::common_exponent(a, b);
  Result result{ktstr::welch::summarise(a, exponent), ktstr::welch::summarise(b, exponent), {}};
  result.test = ktstr::welch::test(result.a, result.b);
  return result;
}

Values logs(Values values) {
  for (double& v : values) v = std::log(v);
  return values;
}

struct Reference {
  const char* name;
  std::vector<double> a, b;
  double t, df, p;
};

const std::vector<double> kSleepA = {.7, -1.6, -.2, -1.2, -.1, 3.4, 3.7, .8, 0, 2},
                          kSleepB = {1.9, .8, 1.1, .1, -.1, 4.4, 5.5, 1.6, 4.6, 3.4};
const std::vector<double> kControl = {4.17, 5.58, 5.18, 6.11, 4.5, 4.61, 5.17, 4.53, 5.33, 5.14},
                          kFirst = {4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69},
                          kSecond = {6.31, 5.12, 5.54, 5.5, 5.37, 5.29, 4.92, 6.15, 5.8, 5.26};

const std::vector<Reference> kReferences = {
    {"sleep", kSleepA, kSleepB, -1.86081346749, 17.7764735162, 0.0793941401874},
    {"Welch's example",
     {27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4},
     {27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4},
     -2.45535639829,
     24.9885292902,
     0.0213780014629},
    {"unequal sizes",
     {17.2, 20.9, 22.6, 18.1, 21.7, 21.4, 23.5, 24.2, 14.7, 21.8},
     {21.5, 22.8, 21,   23,   21.6, 23.6, 22.5, 20.7, 23.4, 21.8,
      20.7, 21.7, 21.5, 22.5, 23.6, 21.5, 22.5, 23.5, 21.5, 21.8},
     -1.5654335236,
     9.90474124865,
     0.148841696605},
    {"unequal variances",
     {19.8, 20.4, 19.6, 17.8, 18.5, 18.9, 18.3, 18.9, 19.5, 22},
     {28.2, 26.6, 20.1, 23.3, 25.2, 22.1, 17.7, 27.6, 20.6, 13.7,
      23.2, 17.5, 20.6, 18,   23.9, 21.6, 24.3, 20.4, 24,   13.2},
     -2.21924091582,
     24.4962231242,
     0.0359722710298},
    {"screws",
     {30.02, 29.99, 30.11, 29.97, 30.01, 29.99},
     {29.89, 29.93, 29.72, 29.98, 30.02, 29.98},
     1.95900580811,
     7.03055995988,
     0.0907733242857},
    {"far apart", {3, 4, 1, 2.1}, {490.2, 340, 433.9}, -9.55949772193, 2.00085234886, 0.0107515611498},
    {"control and first treatment", kControl, kFirst, 1.19126038185, 16.5235850569, 0.250382508588},
    {"control and second treatment", kControl, kSecond, -2.13402045312, 16.7857644826, 0.047899255602},
    {"both treatments", kFirst, kSecond, -3.01009854212, 14.1035691228, 0.00929840471727},
    {"two pairs", {1, 2}, {3, 4}, -2.82842712475, 2, 0.105572809000},
    {"two pairs, unequal", {1, 2}, {10, 20}, -2.68660041357, 1.0199980002, 0.222882894517},
    {"disjoint threes", {1, 2, 3}, {4, 5, 6}, -3.67423461417, 4, 0.0213116411288},
    {"overlapping threes", {1, 2, 3}, {2, 3, 4}, -1.22474487139, 4, 0.287864134727},
    {"fives", {1, 2, 3, 4, 5}, {2, 4, 6, 8, 10}, -1.8973665961, 5.88235294118, 0.107531194931},
    {"tight", {10, 10.2, 9.9}, {12.1, 11.9, 12}, -18.657438195, 3.44827586207, 0.000138255237562},
    {"one side constant", {5, 5, 5}, {6, 7, 8}, -3.46410161514, 2, 0.0741799002274},
    {"large offset",
     {1e9 + 1, 1e9 + 2, 1e9 + 3},
     {1e9 + 2, 1e9 + 3, 1e9 + 4},
     -1.22474487139,
     4,
     0.287864134727},
    {"tiny", {1e-9, 2e-9, 3e-9}, {4e-9, 5e-9, 6e-9}, -3.67423461417, 4, 0.0213116411288},
    {"very tiny", {1e-170, 2e-170, 3e-170}, {4e-170, 5e-170, 6e-170}, -3.67423461417, 4, 0.0213116411288},
    {"very huge", {1e300, 2e300, 3e300}, {4e300, 5e300, 6e300}, -3.67423461417, 4, 0.0213116411288},
    {"mtcars, automatic and manual",
     {21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 21.5, 15.5, 15.2,
      13.3, 19.2},
     {21, 21, 22.8, 32.4, 30.4, 33.9, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4},
     -3.76712314514,
     18.3322516384,
     0.00137363833307},
    {"ToothGrowth, OJ and VC",
     {15.2, 21.5, 17.6, 9.7,  14.5, 10,   8.2,  9.4,  16.5, 9.7,  19.7, 23.3, 23.6, 26.4, 20,
      25.2, 25.8, 21.2, 14.5, 27.3, 25.5, 26.4, 22.4, 24.5, 24.8, 30.9, 26.4, 27.3, 29.4, 23},
     {4.2,  11.5, 7.3,  5.8,  6.4,  10,   11.2, 11.2, 5.2,  7,    16.5, 16.5, 15.2, 17.3, 22.5,
      17.3, 13.6, 14.5, 18.8, 15.5, 23.6, 18.5, 33.9, 25.5, 26.4, 32.5, 26.7, 21.5, 23.3, 29.5},
     1.9152682687,
     55.3094326826,
     0.0606345078809},
    {"logarithms", logs({100, 110, 120}), logs({150, 160, 175}), -5.58647207341, 3.8972810586,
     0.00543817404894},
    {"logarithms of doublings", logs({1, 2, 4}), logs({8, 16, 32}), -3.67423461417, 4, 0.0213116411288},
    {"identical", {100, 101, 102, 103}, {100, 101, 102, 103}, 0, 6, 1},
};

TEST(Welch, AgreesWithTheReferences) {
  for (const Reference& r : kReferences) {
    const WelchTest result = run(r.a, r.b).test;
    ASSERT_TRUE(result.possible) << r.name;
    EXPECT_NEAR(result.t, r.t, 1e-11 * std::max(1.0, std::fabs(r.t))) << r.name;
    EXPECT_NEAR(result.df, r.df, 1e-11 * r.df) << r.name;
    EXPECT_NEAR(result.p, r.p, 1e-11 * r.p) << r.name;
  }
}

TEST(Welch, SwappingTheSidesTurnsTheSignOnly) {
  for (const Reference& r : kReferences) {
    const WelchTest forwards = run(r.a, r.b).test, backwards = run(r.b, r.a).test;
    EXPECT_EQ(forwards.t, -backwards.t) << r.name;
    EXPECT_NEAR(forwards.df, backwards.df, 1e-12 * r.df) << r.name;
    EXPECT_NEAR(forwards.p, backwards.p, 1e-12) << r.name;
  }
}

TEST(Welch, NoSpreadOrTooFewValuesIsNoTest) {
  for (const auto& [a, b] : std::vector<std::pair<Values, Values>>{
           {{5, 5, 5}, {5, 5, 5}}, {{5, 5, 5}, {6, 6, 6}}, {{0, 0}, {0, 0}}, {{1}, {2, 3}}, {{}, {}}}) {
    const WelchTest result = run(a, b).test;
    EXPECT_FALSE(result.possible);
    EXPECT_TRUE(std::isnan(result.t) && std::isnan(result.df) && std::isnan(result.p));
  }
}

TEST(Welch, EqualValuesHaveNoSpreadWhateverTheirSumRoundsTo) {
  for (const double value : {0.1, 1.0 / 3, 1e9 + 0.1, 1e-300}) {
    const Values values(7, value);
    EXPECT_EQ(run(values, {1, 2}).a.deviation, 0) << value;
  }
}

TEST(Welch, NeighbouringNumbersHaveTheirSpread) {
  const double next = std::nextafter(1.0, 2.0);  // no number lies between them, so the mean cannot be right
  const double unit = 2;                         // 2^common_exponent
  EXPECT_DOUBLE_EQ(run({1, next}, {1, 1}).a.deviation * unit, (next - 1) / std::sqrt(2.0));
}

// 95 % by Fieller: the values below solve (a - r b)^2 = t^2 (e_a^2 + r^2 e_b^2) with t(.975, 4)
// = 2.7764451052, e^2 = 1/3.
TEST(Welch, RatioInterval) {
  const Result r = run({10, 11, 12}, {5, 6, 7});
  const auto interval = ktstr::welch::ratio_interval(r.a, r.b, r.test);
  for (const double ratio : {interval.low, interval.high}) {
    EXPECT_NEAR(std::fabs(11 - ratio * 6), 2.7764451052 * std::sqrt((1 + ratio * ratio) / 3), 1e-8);
  }
  EXPECT_LT(interval.low, 11.0 / 6);
  EXPECT_GT(interval.high, 11.0 / 6);
}

TEST(Welch, RatioIntervalLeavesOneOutExactlyWhenTheTestSeparates) {
  int with_ends = 0;
  for (const Reference& r : kReferences) {
    const Result result = run(r.a, r.b);
    const auto interval = ktstr::welch::ratio_interval(result.a, result.b, result.test);
    if (std::isnan(interval.low)) continue;
    ++with_ends;
    EXPECT_EQ(interval.low > 1 || interval.high < 1, r.p < 0.05) << r.name;
  }
  EXPECT_GT(with_ends, 10);
}

TEST(Welch, RatioIntervalWithoutEndsIsNone) {
  const Result near_zero = run({10, 11, 12}, {0.1, 6, 12});  // the baseline may be 0
  EXPECT_TRUE(std::isnan(ktstr::welch::ratio_interval(near_zero.a, near_zero.b, near_zero.test).low));
  const Result negative = run({1, 2}, {-3, -2});
  EXPECT_TRUE(std::isnan(ktstr::welch::ratio_interval(negative.a, negative.b, negative.test).high));
}

TEST(Welch, DetectableDifferenceShrinksWithMoreValues) {
  const Values few = {9, 10, 11}, many = {9, 10, 11, 9, 10, 11, 9, 10, 11};
  const WelchTest small = run(few, few).test, large = run(many, many).test;
  const double unit = 16;  // 2^common_exponent
  // (t(.975, 4) + t(.8, 4)) * sqrt(2/3), with quantiles out of a table
  EXPECT_NEAR(ktstr::welch::detectable_difference(small, 0.05) * unit,
              (2.7764451052 + 0.9409646) * std::sqrt(2.0 / 3.0), 1e-6);
  EXPECT_LT(ktstr::welch::detectable_difference(large, 0.05),
            ktstr::welch::detectable_difference(small, 0.05));
  EXPECT_TRUE(std::isnan(ktstr::welch::detectable_difference(run({1, 1}, {1, 1}).test, 0.05)));
}

}  // namespace
