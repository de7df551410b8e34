// SPDX-License-Identifier: Apache-2.0
#include "runner/side_by_side.hpp"

#include <algorithm>
#include <numeric>

namespace ktstr::kvm {

SideBySide::SideBySide(std::vector<Load> loads, Capacity capacity)
    : loads_(std::move(loads)), capacity_(capacity), waiting_(loads_.size()) {
  std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [&](std::size_t a, std::size_t b) { return loads_[a].cores > loads_[b].cores; });
}

bool SideBySide::fits(const Load& load) const {
  if (running_ == 0) return true;
  if (memory_ + load.memory_bytes > capacity_.memory_bytes) return false;
  const bool cores_free = cores_ + load.cores <= capacity_.cores;
  if (capacity_.jobs == 0) return cores_free;
  const bool cores_matter = load.strict || strict_ > 0;
  return running_ < capacity_.jobs && (!cores_matter || cores_free);
}

std::optional<std::size_t> SideBySide::take() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopped_ || waiting_.empty()) return std::nullopt;
    const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                   [&](std::size_t index) { return fits(loads_[index]); });
    if (next != waiting_.end()) {
      const std::size_t index = *next;
      waiting_.erase(next);
      ++running_;
      cores_ += loads_[index].cores;
      memory_ += loads_[index].memory_bytes;
      strict_ += loads_[index].strict ? 1 : 0;
      return index;
    }
    changed_.wait(lock);
  }
}

void SideBySide::give_back(std::size_t index) {
  const std::lock_guard lock(mutex_);
  --running_;
  cores_ -= loads_[index].cores;
  memory_ -= loads_[index].memory_bytes;
  strict_ -= loads_[index].strict ? 1 : 0;
  changed_.notify_all();
}

void SideBySide::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::size_t SideBySide::threads() const {
  const std::uint64_t most = capacity_.jobs != 0 ? capacity_.jobs : capacity_.cores;
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(std::max<std::uint64_t>(most, 1), std::max<std::size_t>(loads_.size(), 1)));
}

}  // namespace ktstr::kvm
