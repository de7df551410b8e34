// SPDX-License-Identifier: Apache-2.0
#include "plugin/gate_view.hpp"

#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

template <typename Value>
const Value* copied(const Value* from, std::uint64_t count, std::vector<Value>& into) {
  if (from == nullptr) return nullptr;
  const std::size_t at = into.size();
  KTSTR_ASSERT(into.capacity() - at >= count);  // what was copied before must not move
  into.insert(into.end(), from, from + count);
  return into.data() + at;
}

}  // namespace

GateView::GateView(const std::vector<const ktstr_comparison*>& comparisons) {
  std::size_t values = 0;
  for (const ktstr_comparison* one : comparisons) values += one->baseline->count + one->head->count;
  values_.reserve(values);  // nothing moves any more
  counters_.reserve(2 * values);
  comparisons_.reserve(comparisons.size());
  pointers_.reserve(comparisons.size());
  for (const ktstr_comparison* one : comparisons) {
    ktstr_comparison& shown = comparisons_.emplace_back(*one);
    shown.baseline = copy(*one->baseline);
    shown.head = copy(*one->head);
    shown.history = &histories_.emplace_back(*one->history);
    if (one->scenario != nullptr)
      shown.scenario = &scenarios_.emplace(one->scenario, *one->scenario).first->second;
    pointers_.push_back(&shown);
  }
  KTSTR_ASSERT(pointers_.size() == comparisons.size() && samples_.size() == 2 * comparisons.size());
}

const ktstr_samples* GateView::copy(const ktstr_samples& samples) {
  ktstr_samples& copy = samples_.emplace_back(samples);
  copy.values = copied(samples.values, samples.count, values_);
  copy.blocks = copied(samples.blocks, samples.count, counters_);
  copy.seeds = copied(samples.seeds, samples.count, counters_);
  return &copy;
}

}  // namespace ktstr
