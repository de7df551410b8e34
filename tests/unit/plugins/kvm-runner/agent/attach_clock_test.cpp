// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/scheduler.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

/// How many looks, `step` ms apart, until the time is up.
int looks(AttachClock& clock, std::uint64_t step, std::uint64_t printed_per_look = 0) {
  for (int i = 1; i < 100'000; ++i) {
    if (clock.look(static_cast<std::uint64_t>(i) * step * kMs,
                   static_cast<std::uint64_t>(i) * printed_per_look))
      return i;
  }
  return -1;
}

TEST(AttachClock, EndsAfterTheLimit) {
  AttachClock clock(1000, 0);
  EXPECT_EQ(looks(clock, 2), 501);
}

TEST(AttachClock, AStarvedHostStretchesIt) {
  AttachClock clock(1000, 0);
  EXPECT_EQ(looks(clock, 500), 51)
      << "a look that comes half a second late is not half a second of the scheduler's";
}

TEST(AttachClock, OutputIsASignOfLifeButNotForEver) {
  AttachClock clock(1000, 0);
  EXPECT_EQ(looks(clock, 10, 1), 1201);
}

TEST(AttachClock, AClockThatStandsStillAddsNothing) {
  AttachClock clock(1000, 5 * kMs);
  EXPECT_FALSE(clock.look(5 * kMs, 0));
  EXPECT_FALSE(clock.look(4 * kMs, 0));
}

}  // namespace
}  // namespace ktstr::agent
