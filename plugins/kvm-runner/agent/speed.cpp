// SPDX-License-Identifier: Apache-2.0
#include "agent/speed.hpp"

#include <algorithm>

#include "agent/telemetry.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {

std::uint64_t burst_ns() {
  constexpr std::uint64_t kUnits = 1024 * 64, kFor = 4 * kMillisecond;
  constexpr int kAtLeast = 3;
  std::uint64_t best = UINT64_MAX, value = kUnits;
  const std::uint64_t begin = now_ns();
  std::uint64_t from = begin;
  for (int burst = 0; burst < kAtLeast || from < begin + kFor; ++burst) {
    value = compute(value, kUnits);
    const std::uint64_t to = now_ns();
    best = std::min(best, to - from);
    from = to;
  }
  return best;
}

}  // namespace ktstr::agent
