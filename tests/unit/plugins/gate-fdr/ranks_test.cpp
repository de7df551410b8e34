// SPDX-License-Identifier: Apache-2.0
#include "ranks.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ktstr::fdr {
namespace {

using Values = std::vector<double>;

double two_sided(const Values& a, const Values& b) {
  const RankTest test = RankTester()(a, b);
  return std::min(1.0, 2 * std::min(test.larger, test.smaller));
}

TEST(Ranks, ExactProbabilities) {
  EXPECT_NEAR(two_sided({1, 2, 3}, {4, 5, 6}), .1, 1e-12);
  EXPECT_NEAR(two_sided({1, 2, 3, 4}, {5, 6, 7, 8}), .0285714285714, 1e-12);
  EXPECT_NEAR(two_sided({1, 2, 3, 4, 6}, {5, 7, 8, 9, 10}), .015873015873, 1e-12);
}

TEST(Ranks, DisjointBandsAreTheExtreme) {
  const double exact[] = {1.0 / 3,    1.0 / 10,   1.0 / 35,    1.0 / 126,  1.0 / 462,
                          1.0 / 1716, 1.0 / 6435, 1.0 / 24310, 1.0 / 92378};
  RankTester ranks;
  for (std::uint64_t n = 2; n <= 10; ++n)
    EXPECT_NEAR(2 * ranks.exact_tail(n, n, n * n), exact[n - 2], 1e-12 * exact[n - 2]) << n;
}

TEST(Ranks, TailsAreADistribution) {
  RankTester ranks;
  for (const auto& [n, m] :
       std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 1}, {3, 7}, {7, 3}, {10, 10}, {40, 40}}) {
    EXPECT_NEAR(ranks.exact_tail(n, m, 0), 1, 1e-12);
    for (std::uint64_t u = 1; u <= n * m; ++u) {
      EXPECT_LE(ranks.exact_tail(n, m, u), ranks.exact_tail(n, m, u - 1));
      EXPECT_NEAR(ranks.exact_tail(n, m, u) + ranks.exact_tail(n, m, n * m - u + 1), 1, 1e-12);
    }
    EXPECT_EQ(ranks.exact_tail(n, m, n * m + 1), 0);
  }
}

TEST(Ranks, TiesTakeTheNormalApproximation) {
  const Values a = {.7, -1.6, -.2, -1.2, -.1, 3.4, 3.7, .8, 0, 2},
               b = {1.9, .8, 1.1, .1, -.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  EXPECT_EQ(RankTester()(b, a).u, 25.5);
  EXPECT_NEAR(two_sided(a, b), .0693275754, 1e-10);
}

TEST(Ranks, AllTiedIsNoEvidence) {
  const RankTest test = RankTester()(Values(8, 5.0), Values(8, 5.0));
  EXPECT_EQ(test.larger, 1);
  EXPECT_EQ(test.smaller, 1);
}

TEST(Ranks, SidesMirror) {
  const Values a = {1, 4, 2, 8, 5, 7, 3}, b = {9, 6, 11, 10, 12, 2.5, 14};
  const RankTest one = RankTester()(a, b), other = RankTester()(b, a);
  EXPECT_DOUBLE_EQ(one.larger, other.smaller);
  EXPECT_DOUBLE_EQ(one.smaller, other.larger);
}

}  // namespace
}  // namespace ktstr::fdr
