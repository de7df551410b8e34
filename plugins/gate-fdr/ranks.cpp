// SPDX-License-Identifier: Apache-2.0
#include "ranks.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <utility>

namespace ktstr::fdr {
namespace {

/// P(U >= u) for every u. The largest value of all is head's with chance m / (n + m) and then adds n; sums of
/// positive terms only, so that the smallest probability has all its digits.
std::vector<double> tails_of(std::uint64_t n, std::uint64_t m) {
  std::vector<std::vector<double>> fewer(m + 1, {1.0});  // of i - 1 baseline values, by number of head values
  for (std::uint64_t i = 1; i <= n; ++i) {
    std::vector<std::vector<double>> now(m + 1, {1.0});
    for (std::uint64_t j = 1; j <= m; ++j) {
      const double of_head = static_cast<double>(j) / static_cast<double>(i + j), of_baseline = 1 - of_head;
      std::vector<double>& share = now[j];
      share.assign(i * j + 1, 0.0);
      for (std::uint64_t u = 0; u < fewer[j].size(); ++u) share[u] += of_baseline * fewer[j][u];
      for (std::uint64_t u = 0; u < now[j - 1].size(); ++u) share[u + i] += of_head * now[j - 1][u];
    }
    fewer = std::move(now);
  }
  std::vector<double> tails = std::move(fewer[m]);
  for (std::size_t u = tails.size() - 1; u > 0; --u) tails[u - 1] += tails[u];
  KTSTR_ASSERT(tails.size() == n * m + 1 && std::fabs(tails.front() - 1) < 1e-9);
  return tails;
}

bool has_ties(std::span<const double> a, std::span<const double> b) {
  unsigned ties = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = i + 1; j < a.size(); ++j) ties += a[i] == a[j] ? 1U : 0U;
    for (const double value : b) ties += a[i] == value ? 1U : 0U;
  }
  for (std::size_t i = 0; i < b.size(); ++i) {
    for (std::size_t j = i + 1; j < b.size(); ++j) ties += b[i] == b[j] ? 1U : 0U;
  }
  return ties > 0;
}

std::uint64_t count_larger(std::span<const double> baseline, std::span<const double> head) {
  std::uint64_t larger = 0;
  for (const double h : head) {
    for (const double b : baseline) larger += h > b ? 1U : 0U;
  }
  return larger;
}

}  // namespace

double RankTester::exact_tail(std::uint64_t n, std::uint64_t m, std::uint64_t u) {
  if (n > m) std::swap(n, m);
  if (last_ == nullptr || n != last_n_ || m != last_m_) {
    last_ = &tails_[{n, m}];
    if (last_->empty()) *last_ = tails_of(n, m);
    last_n_ = n;
    last_m_ = m;
  }
  return u < last_->size() ? (*last_)[u] : 0;
}

RankTest RankTester::operator()(std::span<const double> baseline, std::span<const double> head) {
  const std::uint64_t n = baseline.size(), m = head.size();
  if (std::max(n, m) > kMostCounted || has_ties(baseline, head)) return by_normal(baseline, head);
  const std::uint64_t u = count_larger(baseline, head);  // few enough to compare all with all
  KTSTR_ASSERT(u <= n * m);
  return {static_cast<double>(u), exact_tail(n, m, u), exact_tail(n, m, n * m - u)};
}

RankTest RankTester::by_normal(std::span<const double> baseline, std::span<const double> head) {
  const double n = static_cast<double>(baseline.size()), m = static_cast<double>(head.size());
  order_.clear();
  for (const double value : baseline) order_.push_back({value, false});
  for (const double value : head) order_.push_back({value, true});
  std::sort(order_.begin(), order_.end(), [](const Value& a, const Value& b) { return a.value < b.value; });
  double u = 0, below = 0, ties = 0;  // `below`: baseline values smaller than those of the group
  for (std::size_t begin = 0; begin < order_.size();) {
    std::size_t end = begin;
    double of_head = 0;
    for (; end < order_.size() && order_[end].value == order_[begin].value; ++end)
      of_head += order_[end].head ? 1 : 0;
    const double equal = static_cast<double>(end - begin), of_baseline = equal - of_head;
    u += of_head * (below + of_baseline / 2);
    below += of_baseline;
    ties += equal * equal * equal - equal;
    begin = end;
  }
  KTSTR_ASSERT(below == n && u >= 0 && u <= n * m);  // each value was in one group
  const double all = n + m, variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
  if (!(variance > 0)) return {u, 1, 1};
  const double deviation = std::sqrt(variance);
  return {u, kit::normal_tail((u - n * m / 2 - 0.5) / deviation),
          kit::normal_tail((n * m / 2 - u - 0.5) / deviation)};
}

}  // namespace ktstr::fdr
