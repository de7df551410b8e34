// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "protocol/histogram.hpp"

namespace ktstr::kvm {

/// Adds the counts of one histogram to another.
void add_buckets(Buckets& to, const Buckets& more);
/// What came to a histogram that only grows; buckets that shrank count as 0.
Buckets buckets_between(const Buckets& before, const Buckets& after);
std::uint64_t count_of(const Buckets& buckets);
/// The value that a share in thousandths of the samples does not exceed (nearest rank), as the middle of its
/// bucket: within 1.6 %. 0 without samples.
double quantile_of(const Buckets& buckets, std::uint64_t thousandths);

}  // namespace ktstr::kvm
