// SPDX-License-Identifier: Apache-2.0
#include "benjamini_hochberg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ktstr/kit/assert.hpp>
#include <limits>

namespace ktstr::fdr {
namespace {

struct Entry {
  double p;
  std::size_t index;
};

/// What is tested, smallest first.
std::vector<Entry> sorted(std::span<const double> p) {
  std::vector<Entry> entries;
  entries.reserve(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    KTSTR_ASSERT(std::isnan(p[i]) || (p[i] >= 0 && p[i] <= 1));
    if (!std::isnan(p[i])) entries.push_back({p[i], i});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.p < b.p; });
  return entries;
}

}  // namespace

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<double> q(p.size(), std::numeric_limits<double>::quiet_NaN());
  const std::vector<Entry> entries = sorted(p);
  const double m = static_cast<double>(entries.size());
  double smallest = 1;
  for (std::size_t rank = entries.size(); rank > 0; --rank) {
    const Entry& entry = entries[rank - 1];
    smallest = std::min(smallest, entry.p * m / static_cast<double>(rank));
    KTSTR_ASSERT(smallest >= 0 && smallest <= 1 && entry.index < q.size());
    q[entry.index] = smallest;
  }
  return q;
}

TwoStage two_stage(std::span<const double> p, double q) {
  TwoStage result{benjamini_hochberg(p), 0};
  const double stage_level = q / (1 + q);
  double tested = 0, found = 0;
  for (const double first : result.q) {
    tested += std::isnan(first) ? 0 : 1;
    found += first <= stage_level ? 1 : 0;
  }
  KTSTR_ASSERT(found <= tested);
  const double null = std::max(1.0, tested - found);  // all of them found: one is enough to divide by
  for (double& value : result.q) {
    if (!std::isnan(value)) value = std::min(1.0, value * (1 + q) * (null / tested));
  }
  result.level = stage_level / null;
  return result;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<double> q(p.size(), std::numeric_limits<double>::quiet_NaN());
  const std::vector<Entry> entries = sorted(p);
  double largest = 0;
  for (std::size_t before = 0; before < entries.size(); ++before) {
    const Entry& entry = entries[before];
    largest = std::max(largest, std::min(1.0, entry.p * static_cast<double>(entries.size() - before)));
    KTSTR_ASSERT(largest >= entry.p && largest <= 1);
    q[entry.index] = largest;
  }
  return q;
}

}  // namespace ktstr::fdr
