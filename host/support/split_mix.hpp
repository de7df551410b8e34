// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace ktstr {

/// SplitMix64 (Steele, Lea, Flood 2014): the standard library's distributions differ between implementations,
/// what follows from a seed must not.
struct SplitMix {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t end) { return next() % end; }
};

}  // namespace ktstr
