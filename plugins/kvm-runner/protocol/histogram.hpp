// SPDX-License-Identifier: Apache-2.0
//
// Log-linear histograms of latencies, as HdrHistogram has them: 32 buckets for each power of two, so that a
// bucket is at most 1/32 (3 %) wide. Sums of histograms are histograms: of workers, of phases, of runs.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ktstr::kvm {

inline constexpr std::uint32_t kHistogramBits = 5;  // 2^5 buckets for each power of two
inline constexpr std::uint32_t kHistogramTop = 40;  // 2^40 ns: 18 minutes; what is longer counts there
inline constexpr std::size_t kHistogramBuckets = (kHistogramTop - kHistogramBits + 2) << kHistogramBits;

using Histogram = std::array<std::uint32_t, kHistogramBuckets>;

/// A histogram as it is kept and told: the buckets in which something is with their counts, ascending.
using Buckets = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

constexpr std::size_t bucket_of(std::uint64_t value) {
  constexpr std::uint64_t kLinear = 1ULL << kHistogramBits, kLargest = (2ULL << kHistogramTop) - 1;
  if (value > kLargest) value = kLargest;
  if (value < kLinear) return static_cast<std::size_t>(value);
  const auto exponent = static_cast<std::uint32_t>(std::bit_width(value)) - 1;
  const std::uint64_t within = (value >> (exponent - kHistogramBits)) - kLinear;
  return ((exponent - kHistogramBits + 1) << kHistogramBits) + static_cast<std::size_t>(within);
}

/// The smallest value of a bucket.
constexpr std::uint64_t bucket_begin(std::size_t bucket) {
  constexpr std::uint64_t kLinear = 1ULL << kHistogramBits;
  if (bucket < kLinear) return bucket;
  const std::size_t power = (bucket >> kHistogramBits) - 1;
  return (kLinear + (bucket & (kLinear - 1))) << power;
}

static_assert(bucket_of(0) == 0 && bucket_of(31) == 31 && bucket_of(32) == 32 && bucket_of(63) == 63);
static_assert(bucket_of(64) == 64 && bucket_of(65) == 64 && bucket_begin(64) == 64 && bucket_begin(65) == 66);
static_assert(bucket_of(~0ULL) == kHistogramBuckets - 1);

}  // namespace ktstr::kvm
