// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace ktstr::agent {

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and a function of its seed alone. Every random choice
/// in a guest comes from here.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// Uniform enough below `bound` (> 0) for start phases and reservoirs.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

}  // namespace ktstr::agent
