// SPDX-License-Identifier: Apache-2.0
#include "explore/seed_set.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr {

void SeedSet::add(std::uint64_t seed) {
  if (contains(seed)) return;
  auto after = ranges_.upper_bound(seed);
  auto before = after == ranges_.begin() ? ranges_.end() : std::prev(after);
  std::uint64_t last = seed;
  if (after != ranges_.end() && after->first == seed + 1) {
    last = after->second;
    ranges_.erase(after);
  }
  if (before != ranges_.end() && before->second + 1 == seed) {
    before->second = last;
  } else {
    ranges_[seed] = last;
  }
  KTSTR_ASSERT(contains(seed));
}

bool SeedSet::contains(std::uint64_t seed) const {
  const auto after = ranges_.upper_bound(seed);
  return after != ranges_.begin() && std::prev(after)->second >= seed;
}

std::uint64_t SeedSet::count_in(std::uint64_t first, std::uint64_t last) const {
  std::uint64_t count = 0;
  for (const auto& [begin, end] : ranges_) {
    const std::uint64_t from = std::max(begin, first), to = std::min(end, last);
    if (from <= to) count += to - from + 1;
  }
  return count;
}

json::array SeedSet::to_json() const {
  json::array list;
  for (const auto& [first, last] : ranges_) list.push_back(json::array{first, last});
  return list;
}

SeedSet SeedSet::from(const Located& list) {
  SeedSet seeds;
  std::uint64_t least = 0;
  for (const Located& range : list.items()) {
    const std::vector<Located> ends = range.items(2, 2);
    const std::uint64_t first = ends[0].integer(least, kMostSeed), last = ends[1].integer(first, kMostSeed);
    seeds.ranges_[first] = last;
    least = last + 2;
  }
  return seeds;
}

}  // namespace ktstr
