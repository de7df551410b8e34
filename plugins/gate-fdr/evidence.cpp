// SPDX-License-Identifier: Apache-2.0
#include "evidence.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <span>

namespace ktstr::fdr {
namespace {

using Values = std::span<const double>;
constexpr double kStepsToLevel = 100;  // a ratio of counts with one step added is theirs then

struct Moments {
  double mean = 0, squares = 0;  ///< squares: of the deviations from the mean
};

/// In two passes; values that are all equal have exactly no spread.
template <typename At>
Moments moments(std::size_t n, At at) {
  Moments m;
  if (n == 0) return m;
  m.mean = at(0);
  double rest = 0;
  for (std::size_t i = 1; i < n; ++i) rest += at(i) - m.mean;
  m.mean += rest / static_cast<double>(n);
  double left = 0;  // what rounding left in the mean
  for (std::size_t i = 0; i < n; ++i) {
    const double d = at(i) - m.mean;
    m.squares += d * d;
    left += d;
  }
  m.squares = std::max(0.0, m.squares - left * left / static_cast<double>(n));
  return m;
}

Moments moments(Values values) {
  return moments(values.size(), [&](std::size_t i) { return values[i]; });
}

bool constant(Values values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
}

void fill_paired(Values baseline, Values head, Evidence& e) {
  const std::size_t n = baseline.size();
  const Moments m = moments(n, [&](std::size_t i) { return head[i] - baseline[i]; });
  e.shift = m.mean;
  if (n > 1) e.own = {m.squares / static_cast<double>(n - 1), static_cast<double>(n - 1)};
  e.weight = 1 / static_cast<double>(n);
}

void fill_unpaired(const Moments& before, const Moments& after, Evidence& e) {
  const double n = static_cast<double>(e.baseline_count), m = static_cast<double>(e.head_count);
  e.shift = after.mean - before.mean;
  e.weight = 1 / n + 1 / m;
  if (n + m > 2) e.own = {(before.squares + after.squares) / (n + m - 2), n + m - 2};
  if (n < 2 || m < 2) return;
  const double a = before.squares / (n - 1) / n, b = after.squares / (m - 1) / m, sum = a + b;
  if (!(sum > 0)) return;
  const double share_a = a / sum, share_b = b / sum;
  e.welch = {sum, 1 / (share_a * share_a / (n - 1) + share_b * share_b / (m - 1))};
}

}  // namespace

Evidence EvidenceReader::operator()(const ktstr_comparison& comparison) {
  const ktstr_samples &before = *comparison.baseline, &after = *comparison.head;
  Evidence e;
  e.scale = scale_of(comparison);
  e.paired = is_paired(comparison);
  baseline_.clear();
  head_.clear();
  const auto finite = [](const ktstr_samples& side) {
    return static_cast<std::size_t>(
        std::count_if(side.values, side.values + side.count, [](double v) { return std::isfinite(v); }));
  };
  e.not_finite = before.count + after.count - finite(before) - finite(after);
  if (e.paired) {
    pair_up(before, after, pairing_);
    e.without_partner = pairing_.without_partner;
    for (const Pairing::Pair& pair : pairing_.pairs) {
      baseline_.push_back(before.values[pair.baseline]);
      head_.push_back(after.values[pair.head]);
    }
  } else {
    std::copy_if(before.values, before.values + before.count, std::back_inserter(baseline_),
                 [](double v) { return std::isfinite(v); });
    std::copy_if(after.values, after.values + after.count, std::back_inserter(head_),
                 [](double v) { return std::isfinite(v); });
  }
  e.baseline_count = baseline_.size();
  e.head_count = head_.size();
  KTSTR_ASSERT(e.baseline_count <= before.count && e.head_count <= after.count);
  KTSTR_ASSERT(!e.paired || baseline_.size() == head_.size());
  if (baseline_.empty() || head_.empty()) return e;

  e.baseline_constant = constant(baseline_);
  e.head_constant = constant(head_);
  e.identical = e.paired ? baseline_ == head_
                         : e.baseline_constant && e.head_constant && baseline_.front() == head_.front();
  const auto [low_a, high_a] = std::minmax_element(baseline_.begin(), baseline_.end());
  const auto [low_b, high_b] = std::minmax_element(head_.begin(), head_.end());
  e.disjoint = *high_a < *low_b || *high_b < *low_a;
  const double least = std::min(*low_a, *low_b);
  if (std::min(baseline_.size(), head_.size()) >= kRanksFrom) {
    e.ranked = true;
    e.ranks = ranks_(baseline_, head_);
  }

  for (double& value : baseline_) value = e.scale(value);
  for (double& value : head_) value = e.scale(value);
  const Moments a = moments(baseline_), b = moments(head_);
  if (e.paired) {
    fill_paired(baseline_, head_, e);
  } else {
    fill_unpaired(a, b, e);
  }
  const double rounding_a = e.scale.rounding_variance(a.mean), rounding_b = e.scale.rounding_variance(b.mean);
  e.rounding = e.paired ? rounding_a + rounding_b : (rounding_a + rounding_b) / 2;
  if (e.paired && !e.scale.plain && least >= kStepsToLevel * e.scale.offset)
    e.levelled = levelled(comparison);
  return e;
}

/// On the scale by now.
Levelled EvidenceReader::levelled(const ktstr_comparison& comparison) const {
  const std::vector<double> speeds = speed_differences(comparison, pairing_);
  if (speeds.empty()) return {};
  std::vector<double> differences;
  for (std::size_t i = 0; i < head_.size(); ++i) differences.push_back(head_[i] - baseline_[i]);
  return level(differences, speeds);
}

}  // namespace ktstr::fdr
