// SPDX-License-Identifier: Apache-2.0
//
// Whether one side of a scenario fails more often than the other. Pure.
#pragma once
#include <cstdint>

namespace ktstr {

struct PassCount {
  std::uint64_t passed = 0;  ///< runs that contribute numbers
  std::uint64_t failed = 0;  ///< judged and failed
  std::uint64_t total = 0;   ///< all runs, skipped and inconclusive ones too
};

/// Probability of at least as many failures on HEAD's side if both sides failed equally often: Fisher's exact
/// test, one-sided.
double failures_by_chance(const PassCount& baseline, const PassCount& head);

enum class RateChange { kSame, kUnclear, kWorse, kBetter };
/// Every run of one side failed and none of the other: in virtual time, where runs repeat, that is no
/// accident.
bool is_total(const PassCount& baseline, const PassCount& head);
/// Worse or better when Fisher's exact test says so at 5 % one-sided; unclear when the rates merely differ.
/// `repeatable`: in virtual time a total change needs no test.
RateChange compare_failure_rates(const PassCount& baseline, const PassCount& head, bool repeatable = false);

}  // namespace ktstr
