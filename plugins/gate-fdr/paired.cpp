// SPDX-License-Identifier: Apache-2.0
#include "paired.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ktstr/kit/assert.hpp>
#include <tuple>

namespace ktstr::fdr {
namespace {

struct Slot {
  std::uint64_t block, seed;
  std::size_t index;
  auto place() const { return std::tie(block, seed); }
};

std::vector<Slot> slots_of(const ktstr_samples& side) {
  std::vector<Slot> slots;
  slots.reserve(side.count);
  for (std::size_t i = 0; i < side.count; ++i) {
    if (std::isfinite(side.values[i])) slots.push_back({side.blocks[i], side.seeds[i], i});
  }
  std::stable_sort(slots.begin(), slots.end(),
                   [](const Slot& a, const Slot& b) { return a.place() < b.place(); });
  return slots;
}

bool same_plan(const ktstr_samples& a, const ktstr_samples& b) {
  if (a.count != b.count) return false;
  for (std::size_t i = 0; i < a.count; ++i) {
    const bool ascends =
        i == 0 || std::tie(a.blocks[i - 1], a.seeds[i - 1]) < std::tie(a.blocks[i], a.seeds[i]);
    if (!ascends || a.blocks[i] != b.blocks[i] || a.seeds[i] != b.seeds[i] || !std::isfinite(a.values[i]) ||
        !std::isfinite(b.values[i]))
      return false;
  }
  return true;
}

}  // namespace

bool is_paired(const ktstr_comparison& comparison) {
  const ktstr_samples &a = *comparison.baseline, &b = *comparison.head;
  return (comparison.flags & KTSTR_COMPARISON_PAIRED) != 0 &&
         (comparison.flags & KTSTR_COMPARISON_CACHED) == 0 && a.blocks != nullptr && a.seeds != nullptr &&
         b.blocks != nullptr && b.seeds != nullptr;
}

void pair_up(const ktstr_samples& baseline, const ktstr_samples& head, Pairing& out) {
  out.pairs.clear();
  out.without_partner = 0;
  if (same_plan(baseline, head)) {  // the usual case needs no sorting
    for (std::size_t i = 0; i < baseline.count; ++i) out.pairs.push_back({i, i});
    return;
  }
  const std::vector<Slot> before = slots_of(baseline), after = slots_of(head);
  for (auto a = before.begin(), b = after.begin(); a != before.end() && b != after.end();) {
    if (a->place() == b->place()) {
      out.pairs.push_back({(a++)->index, (b++)->index});
    } else {
      ++(a->place() < b->place() ? a : b);
    }
  }
  KTSTR_ASSERT(out.pairs.size() <= std::min(before.size(), after.size()));
  out.without_partner = before.size() + after.size() - 2 * out.pairs.size();
}

}  // namespace ktstr::fdr
