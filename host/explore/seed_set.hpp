// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>

#include "support/json.hpp"

namespace ktstr {

inline constexpr std::uint64_t kMostSeed = 1'000'000'000'000;

/// Seeds that were searched, as ranges.
class SeedSet {
 public:
  void add(std::uint64_t seed);
  bool contains(std::uint64_t seed) const;
  std::uint64_t count_in(std::uint64_t first, std::uint64_t last) const;

  json::array to_json() const;               ///< [[1, 40], [50, 60]]
  static SeedSet from(const Located& list);  ///< throws Mistake

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;  ///< first and last; no two touch
};

}  // namespace ktstr
