// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <ktstr/kit/mutex.hpp>
#include <string>
#include <thread>

namespace ktstr {

/// Work that is done one piece after the other in a thread of its own, so that whoever hands it over goes on.
class StoreQueue {
 public:
  static constexpr std::size_t kMostWaiting = 1024;  ///< a piece may hold open files too
  /// `most_bytes`: of what waits, in kMostWaiting pieces at most; beyond that whoever brings more waits too.
  explicit StoreQueue(std::uint64_t most_bytes = std::uint64_t{256} << 20);
  /// Does what is left.
  ~StoreQueue();
  StoreQueue(const StoreQueue&) = delete;
  StoreQueue& operator=(const StoreQueue&) = delete;

  /// Any thread. `bytes`: what `work` holds in memory until it is done. A piece that is larger than what may
  /// wait goes in alone.
  void add(std::uint64_t bytes, std::function<void()> work);
  /// Waits until everything is done; what comes later is done at once. What the first piece that threw said;
  /// empty: none did. The others were done all the same.
  std::string finish();

 private:
  struct Piece {
    std::uint64_t bytes;
    std::function<void()> work;
  };
  void loop();
  bool queued(std::uint64_t bytes, std::function<void()>& work) KTSTR_EXCLUDES(mutex_);
  void run(const std::function<void()>& work) KTSTR_EXCLUDES(mutex_);

  const std::uint64_t most_bytes_;
  kit::Mutex mutex_;
  kit::Condition changed_;
  std::deque<Piece> waiting_ KTSTR_GUARDED_BY(mutex_);
  std::uint64_t bytes_ KTSTR_GUARDED_BY(mutex_) = 0;  ///< of what waits or is being done
  bool ending_ KTSTR_GUARDED_BY(mutex_) = false;
  std::string failure_ KTSTR_GUARDED_BY(mutex_);
  kit::Mutex working_;  ///< held by whoever does a piece
  std::thread thread_;
};

}  // namespace ktstr
