// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/mutex.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ktstr::kit {
namespace {

/// Hands tokens from thread to thread.
class Box {
 public:
  void put(int value) KTSTR_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    while (full_) changed_.wait(mutex_);
    value_ = value;
    full_ = true;
    changed_.wake_all();
  }
  int take() KTSTR_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    while (!full_) changed_.wait(mutex_);
    full_ = false;
    changed_.wake_all();
    return value_;
  }
  bool empty_for(std::chrono::milliseconds time) KTSTR_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    if (!full_) changed_.wait_for(mutex_, time);
    return !full_;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  int value_ KTSTR_GUARDED_BY(mutex_) = 0;
  bool full_ KTSTR_GUARDED_BY(mutex_) = false;
};

TEST(Lock, NothingIsLostBetweenThreads) {
  Box box;
  constexpr int kEach = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&box] {
      for (int i = 1; i <= kEach; ++i) box.put(i);
    });
  }
  long sum = 0;
  for (int i = 0; i < 3 * kEach; ++i) sum += box.take();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 3L * kEach * (kEach + 1) / 2);
}

TEST(Lock, AWaitEndsWithoutAWakeUp) {
  Box box;
  EXPECT_TRUE(box.empty_for(std::chrono::milliseconds(5)));
}

}  // namespace
}  // namespace ktstr::kit
