// SPDX-License-Identifier: Apache-2.0
#include "check/dice.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace ktstr {
namespace {

std::string thrown(std::uint64_t seed, std::uint64_t number) {
  Dice dice(seed, number);
  std::string all;
  for (int i = 0; i < 20; ++i)
    all += dice.text() + dice.document() + std::to_string(dice.number()) + std::to_string(dice.how_many(9)) +
           '\n';
  return all;
}

TEST(Dice, FollowFromSeedAndNumberAlone) {
  EXPECT_EQ(thrown(7, 3), thrown(7, 3));
  EXPECT_NE(thrown(7, 3), thrown(7, 4));
  EXPECT_NE(thrown(7, 3), thrown(8, 3));
  EXPECT_NE(thrown(1, 0), thrown(std::uint64_t{1} << 32, 0)) << "all of a seed counts";
  EXPECT_EQ(Dice(7, 3).any(), 16123129549933902467U) << "on every machine";
}

TEST(Dice, ThrowWhatHardlyAnybodyExpects) {
  Dice dice(1, 1);
  bool nan = false, none = false, most = false, nul = false;
  std::set<std::size_t> lengths;
  for (int i = 0; i < 2000; ++i) {
    nan = nan || std::isnan(dice.number());
    const std::size_t many = dice.how_many(50);
    none = none || many == 0;
    most = most || many > 20;
    ASSERT_LE(many, 50U);
    const std::string text = dice.text();
    nul = nul || text.find('\0') != std::string::npos;
    lengths.insert(text.size());
    ASSERT_TRUE(std::isfinite(dice.measured()));
  }
  EXPECT_TRUE(nan && none && most && nul);
  EXPECT_GT(*lengths.rbegin(), 5000U);
}

}  // namespace
}  // namespace ktstr
