// SPDX-License-Identifier: Apache-2.0
#include "compare/failure_rate.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

constexpr double kLevel = 0.05 * (1 - 1e-9);  // exactly 5 % is not below it, whatever the logarithms round to

double log_choose(std::uint64_t n, std::uint64_t k) {
  KTSTR_ASSERT(k <= n);
  return std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(k) + 1) -
         std::lgamma(static_cast<double>(n - k) + 1);
}

}  // namespace

double failures_by_chance(const PassCount& baseline, const PassCount& head) {
  const std::uint64_t before = baseline.passed + baseline.failed, after = head.passed + head.failed,
                      failed = baseline.failed + head.failed;
  if (before == 0 || after == 0) return 1;
  KTSTR_ASSERT(before <= baseline.total && after <= head.total);
  double p = 0;
  for (std::uint64_t k = head.failed; k <= std::min(failed, after); ++k) {
    if (failed - k > before) continue;
    p += std::exp(log_choose(after, k) + log_choose(before, failed - k) - log_choose(before + after, failed));
  }
  KTSTR_ASSERT(p >= 0);
  return std::min(p, 1.0);
}

bool is_total(const PassCount& baseline, const PassCount& head) {
  return (baseline.failed == 0 && baseline.passed > 0 && head.failed > 0 && head.passed == 0) ||
         (head.failed == 0 && head.passed > 0 && baseline.failed > 0 && baseline.passed == 0);
}

RateChange compare_failure_rates(const PassCount& baseline, const PassCount& head, bool repeatable) {
  const std::uint64_t before = baseline.passed + baseline.failed, after = head.passed + head.failed;
  if (before == 0 || after == 0 || baseline.failed * after == head.failed * before) return RateChange::kSame;
  if (repeatable && is_total(baseline, head))
    return head.failed > 0 ? RateChange::kWorse : RateChange::kBetter;
  if (failures_by_chance(baseline, head) < kLevel) return RateChange::kWorse;
  return failures_by_chance(head, baseline) < kLevel ? RateChange::kBetter : RateChange::kUnclear;
}

}  // namespace ktstr
