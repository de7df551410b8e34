// SPDX-License-Identifier: Apache-2.0
#include "paired.hpp"

#include <gtest/gtest.h>

#include <ktstr/kit/stats.hpp>

#include "comparisons.hpp"

namespace ktstr::fdr {
namespace {

using Numbers = std::vector<std::uint64_t>;

Pairing pair(const Values& a, const Numbers& blocks_a, const Numbers& seeds_a, const Values& b,
             const Numbers& blocks_b, const Numbers& seeds_b) {
  Pairing out;
  pair_up(*testing::samples(a.data(), blocks_a.data(), seeds_a.data(), a.size()),
          *testing::samples(b.data(), blocks_b.data(), seeds_b.data(), b.size()), out);
  return out;
}

TEST(Paired, BlocksAndSeedsFindThePartner) {
  const Pairing pairing = pair({1, 2, 3}, {0, 0, 1}, {1, 2, 1}, {30, 20, 10}, {1, 0, 0}, {1, 2, 1});
  ASSERT_EQ(pairing.pairs.size(), 3u);
  for (const auto& [baseline, head] : pairing.pairs) EXPECT_EQ(baseline + head, 2u);
  EXPECT_EQ(pairing.without_partner, 0u);
}

TEST(Paired, WhatHasNoPartnerIsCounted) {
  const Pairing pairing = pair({1, 2, 3}, {0, 0, 1}, {1, 2, 1}, {10, 30}, {0, 1}, {1, 1});
  EXPECT_EQ(pairing.pairs.size(), 2u);
  EXPECT_EQ(pairing.without_partner, 1u);
}

TEST(Paired, AValueThatIsNoNumberLosesItsPartnerToo) {
  const Pairing pairing = pair({1, kNaN, 3}, {0, 1, 2}, {1, 1, 1}, {10, 20, 30}, {0, 1, 2}, {1, 1, 1});
  EXPECT_EQ(pairing.pairs.size(), 2u);
  EXPECT_EQ(pairing.without_partner, 1u);
}

TEST(Paired, SeveralOfOnePlacePairInOrder) {
  const Pairing pairing = pair({1, 2}, {0, 0}, {1, 1}, {10, 20}, {0, 0}, {1, 1});
  ASSERT_EQ(pairing.pairs.size(), 2u);
  EXPECT_EQ(pairing.pairs[1].baseline, 1u);
  EXPECT_EQ(pairing.pairs[1].head, 1u);
}

// R's sleep data: the paired t test.
TEST(Paired, TestAgreesWithTheReference) {
  const ktstr_verdict v =
      judge_one({.7, -1.6, -.2, -1.2, -.1, 3.4, 3.7, .8, 0, 2},
                {1.9, .8, 1.1, .1, -.1, 4.4, 5.5, 1.6, 4.6, 3.4}, KTSTR_COMPARISON_PAIRED);
  EXPECT_NEAR(v.statistic, 4.06212768338, 1e-10 * 4.06);
  EXPECT_EQ(v.df, 9);
  EXPECT_NEAR(2 * kit::t_upper_tail(v.df, v.statistic), 0.00283289019738, 1e-10 * 0.0028);
}

TEST(Paired, TheVerdictSaysWhatWasLeftOut) {
  Call call;
  ktstr_comparison& c = call.add({100, 101, 102, 103}, {110, 112, 111}, KTSTR_COMPARISON_PAIRED);
  c.rel_gate = 0.05;
  const ktstr_verdict v = call.judge()[0];
  EXPECT_NE(std::string(v.text).find("1 run without a partner left out"), std::string::npos) << v.text;
  EXPECT_EQ(v.df, 2);
}

TEST(Paired, WithoutNumbersOrBetweenSessionsNothingPairs) {
  Call call;
  ktstr_comparison& no_blocks = call.add({1, 2, 3}, {1, 2, 4}, KTSTR_COMPARISON_PAIRED);
  const ktstr_samples& before = *no_blocks.baseline;
  no_blocks.baseline = testing::samples(before.values, nullptr, before.seeds, before.count);
  call.add({1, 2, 3}, {1, 2, 4}, KTSTR_COMPARISON_PAIRED | KTSTR_COMPARISON_CACHED);
  for (const ktstr_verdict& v : call.judge()) EXPECT_GT(v.df, 3) << "Welch's, not pairs'";
}

}  // namespace
}  // namespace ktstr::fdr
