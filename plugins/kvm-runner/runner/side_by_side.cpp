// SPDX-License-Identifier: Apache-2.0
#include "runner/side_by_side.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <numeric>

namespace ktstr::kvm {

SideBySide::SideBySide(std::vector<Load> loads, Capacity capacity)
    : loads_(std::move(loads)), capacity_(capacity), waiting_(loads_.size()) {
  std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [&](std::size_t a, std::size_t b) { return loads_[a].cores > loads_[b].cores; });
}

bool SideBySide::fits(const Load& load) const {
  if (taken_.running == 0) return true;
  if (taken_.memory + load.memory_bytes > capacity_.memory_bytes) return false;
  const bool cores_free = taken_.cores + load.cores <= capacity_.cores;
  if (capacity_.jobs == 0) return cores_free;
  const bool cores_matter = load.strict || taken_.strict > 0;
  return taken_.running < capacity_.jobs && (!cores_matter || cores_free);
}

std::optional<std::size_t> SideBySide::take() {
  const kit::Lock lock(mutex_);
  for (;;) {
    if (stopped_ || waiting_.empty()) return std::nullopt;
    auto next = waiting_.begin();
    while (next != waiting_.end() && !fits(loads_[*next])) ++next;
    if (next != waiting_.end()) {
      const std::size_t index = *next;
      waiting_.erase(next);
      ++taken_.running;
      taken_.cores += loads_[index].cores;
      taken_.memory += loads_[index].memory_bytes;
      taken_.strict += loads_[index].strict ? 1 : 0;
      KTSTR_ASSERT(taken_.strict <= taken_.running && taken_.running + waiting_.size() <= loads_.size());
      return index;
    }
    changed_.wait(mutex_);
  }
}

void SideBySide::give_back(std::size_t index) {
  const kit::Lock lock(mutex_);
  KTSTR_ASSERT(taken_.running > 0 && taken_.cores >= loads_[index].cores &&
               taken_.memory >= loads_[index].memory_bytes);
  --taken_.running;
  taken_.cores -= loads_[index].cores;
  taken_.memory -= loads_[index].memory_bytes;
  taken_.strict -= loads_[index].strict ? 1 : 0;
  changed_.wake_all();
}

void SideBySide::stop() {
  const kit::Lock lock(mutex_);
  stopped_ = true;
  changed_.wake_all();
}

std::size_t SideBySide::threads() const {
  const std::uint64_t most = capacity_.jobs != 0 ? capacity_.jobs : capacity_.cores;
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(std::max<std::uint64_t>(most, 1), std::max<std::size_t>(loads_.size(), 1)));
}

}  // namespace ktstr::kvm
