// SPDX-License-Identifier: Apache-2.0
#include "judge/histograms.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <map>

namespace ktstr::kvm {

void add_buckets(Buckets& to, const Buckets& more) {
  std::map<std::uint32_t, std::uint32_t> sum(to.begin(), to.end());
  for (const auto& [bucket, count] : more) sum[bucket] += count;
  to.assign(sum.begin(), sum.end());
}

Buckets buckets_between(const Buckets& before, const Buckets& after) {
  const std::map<std::uint32_t, std::uint32_t> then(before.begin(), before.end());
  Buckets difference;
  for (const auto& [bucket, count] : after) {
    const auto old = then.find(bucket);
    const std::uint32_t was = old == then.end() ? 0 : old->second;
    if (count > was) difference.emplace_back(bucket, count - was);
  }
  return difference;
}

std::uint64_t count_of(const Buckets& buckets) {
  std::uint64_t all = 0;
  for (const auto& [bucket, count] : buckets) all += count;
  return all;
}

double quantile_of(const Buckets& buckets, std::uint64_t thousandths) {
  KTSTR_ASSERT(thousandths <= 1000);
  const std::uint64_t all = count_of(buckets);
  if (all == 0) return 0;
  const std::uint64_t rank = std::clamp<std::uint64_t>((all * thousandths + 999) / 1000, 1, all);
  std::uint64_t seen = 0;
  for (const auto& [bucket, count] : buckets) {
    seen += count;
    if (seen < rank) continue;
    KTSTR_ASSERT(bucket < kHistogramBuckets);
    const auto first = static_cast<double>(bucket_begin(bucket)),
               next = static_cast<double>(bucket_begin(bucket + 1));
    return (first + next - 1) / 2;
  }
  KTSTR_ASSERT(false);
  return 0;
}

}  // namespace ktstr::kvm
