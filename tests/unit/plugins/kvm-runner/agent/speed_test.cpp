// SPDX-License-Identifier: Apache-2.0
#include "agent/speed.hpp"

#include <gtest/gtest.h>

#include "agent/telemetry.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

TEST(Speed, ABurstIsThatMuchWork) {
  const std::uint64_t begin = now_ns();
  const std::uint64_t burst = burst_ns();
  const std::uint64_t all = now_ns() - begin;
  EXPECT_GE(all, 4 * kMillisecond);
  EXPECT_LE(burst, all / 3) << "the best of three at least";
  EXPECT_GE(burst, 64 * 1024 / 10)
      << "one after the other, a multiplication takes more than a tenth of a nanosecond";
}

TEST(Speed, WorkIsTheSameHoweverItIsCut) {
  EXPECT_EQ(compute(compute(7, 100), 28), compute(7, 128));
  EXPECT_EQ(compute(7, 0), 7U);
}

}  // namespace
}  // namespace ktstr::agent
