// SPDX-License-Identifier: Apache-2.0
//
// Which tests run at the same time: within the host's cores and memory, without starving the large ones.
#pragma once
#include <cstdint>
#include <ktstr/kit/mutex.hpp>
#include <optional>
#include <vector>

namespace ktstr::kvm {

struct Load {
  std::uint32_t cores = 1;
  std::uint64_t memory_bytes = 0;
  bool strict = false;  ///< never shares a core, whatever `jobs` says (performance_mode in real time)
};

struct Capacity {
  std::uint32_t cores = 1;
  std::uint64_t memory_bytes = 0;
  std::uint64_t jobs = 0;  ///< 0: as many as the cores take; else this many, even if they share cores
};

/// Hands out indices of `loads` to worker threads. A test that fits nowhere still runs, alone.
class SideBySide {
 public:
  SideBySide(std::vector<Load> loads, Capacity capacity);

  /// Blocks until a test may start; nothing when none is left or `stop` was called.
  std::optional<std::size_t> take();
  void give_back(std::size_t index);
  void stop();

  std::size_t threads() const;  ///< how many tests can run at once at most

 private:
  bool fits(const Load& load) const KTSTR_REQUIRES(mutex_);

  struct Taken {
    std::uint64_t running = 0, cores = 0, memory = 0, strict = 0;
  };

  const std::vector<Load> loads_;
  const Capacity capacity_;
  kit::Mutex mutex_;
  kit::Condition changed_;
  std::vector<std::size_t> waiting_ KTSTR_GUARDED_BY(mutex_);  ///< the most demanding first
  Taken taken_ KTSTR_GUARDED_BY(mutex_);
  bool stopped_ KTSTR_GUARDED_BY(mutex_) = false;
};

}  // namespace ktstr::kvm
