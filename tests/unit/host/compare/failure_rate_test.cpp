// SPDX-License-Identifier: Apache-2.0
#include "compare/failure_rate.hpp"

#include <gtest/gtest.h>

namespace ktstr {
namespace {

PassCount runs(std::uint64_t passed, std::uint64_t failed) { return {passed, failed, passed + failed}; }

TEST(FailureRate, FishersExactTest) {
  EXPECT_NEAR(failures_by_chance(runs(5, 0), runs(0, 5)), 1.0 / 252, 1e-12);
  EXPECT_NEAR(failures_by_chance(runs(3, 0), runs(0, 3)), 1.0 / 20, 1e-12);
  EXPECT_NEAR(failures_by_chance(runs(8, 2), runs(4, 6)), 0.0849018,
              1e-6);  // R: fisher.test(…, alternative="greater")
  EXPECT_EQ(failures_by_chance(runs(5, 0), runs(5, 0)), 1);
  EXPECT_EQ(failures_by_chance(runs(0, 0), runs(5, 0)), 1);
}

TEST(FailureRate, SaysWhatChanged) {
  struct Case {
    PassCount baseline, head;
    RateChange change;
  };
  for (const Case& c : std::initializer_list<Case>{
           {runs(5, 0), runs(5, 0), RateChange::kSame},
           {runs(4, 2), runs(2, 1), RateChange::kSame},  // the same rate of more runs
           {runs(5, 0), runs(4, 1), RateChange::kUnclear},
           {runs(5, 0), runs(0, 5), RateChange::kWorse},
           {runs(0, 5), runs(5, 0), RateChange::kBetter},
           {runs(3, 0), runs(0, 3), RateChange::kUnclear},  // exactly 5 %
           {runs(0, 0), runs(0, 3), RateChange::kSame},
       }) {
    EXPECT_EQ(compare_failure_rates(c.baseline, c.head), c.change)
        << c.baseline.failed << "/" << c.head.failed;
  }
}

TEST(FailureRate, InVirtualTimeATotalChangeIsNoAccident) {
  EXPECT_EQ(compare_failure_rates(runs(2, 0), runs(0, 2)), RateChange::kUnclear);
  EXPECT_EQ(compare_failure_rates(runs(2, 0), runs(0, 2), true), RateChange::kWorse);
  EXPECT_EQ(compare_failure_rates(runs(0, 2), runs(2, 0), true), RateChange::kBetter);
  EXPECT_EQ(compare_failure_rates(runs(2, 0), runs(1, 1), true), RateChange::kUnclear) << "one of two seeds";
  EXPECT_FALSE(is_total(runs(0, 0), runs(0, 2)));
}

}  // namespace
}  // namespace ktstr
