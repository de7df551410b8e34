// SPDX-License-Identifier: Apache-2.0
#include "judge/histograms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "judge/stats.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

Buckets buckets_of(const std::vector<std::uint64_t>& values) {
  Buckets all;
  for (const std::uint64_t value : values)
    add_buckets(all, {{static_cast<std::uint32_t>(bucket_of(value)), 1}});
  return all;
}

TEST(Histogram, BucketsAreInOrderAndNarrow) {
  for (std::size_t bucket = 0; bucket + 1 < kHistogramBuckets; ++bucket) {
    const std::uint64_t begin = bucket_begin(bucket), next = bucket_begin(bucket + 1);
    ASSERT_LT(begin, next);
    ASSERT_EQ(bucket_of(begin), bucket);
    ASSERT_EQ(bucket_of(next - 1), bucket);
    ASSERT_LE((next - begin) * 32, std::max<std::uint64_t>(begin, 32));
  }
}

TEST(Histogram, QuantilesAreThoseOfTheSamplesWithinABucket) {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> samples;
  for (int i = 0; i < 5000; ++i) samples.push_back(100 + random() % (1ULL << (5 + random() % 25)));
  const Buckets buckets = buckets_of(samples);
  std::sort(samples.begin(), samples.end());
  EXPECT_EQ(count_of(buckets), samples.size());
  for (const std::uint64_t thousandths : {1ULL, 500ULL, 900ULL, 990ULL, 999ULL, 1000ULL}) {
    const auto exact = static_cast<double>(nearest_rank(samples, thousandths));
    EXPECT_NEAR(quantile_of(buckets, thousandths), exact, exact / 60) << thousandths;
  }
}

TEST(Histogram, NothingHasNoQuantile) {
  EXPECT_EQ(quantile_of({}, 990), 0);
  EXPECT_EQ(count_of({}), 0U);
}

TEST(Histogram, DifferencesAreWhatCame) {
  EXPECT_THAT(buckets_between({{1, 2}, {3, 4}}, {{1, 2}, {3, 7}, {9, 1}}),
              ElementsAre(Pair(3, 3), Pair(9, 1)));
  EXPECT_THAT(buckets_between({{1, 5}}, {{1, 2}}), ElementsAre()) << "a counter that shrank says nothing";
}

}  // namespace
}  // namespace ktstr::kvm
