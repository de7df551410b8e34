// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace ktstr {

/// Work that is done one piece after the other in a thread of its own, so that whoever hands it over goes on.
class StoreQueue {
 public:
  StoreQueue();
  /// Does what is left.
  ~StoreQueue();
  StoreQueue(const StoreQueue&) = delete;
  StoreQueue& operator=(const StoreQueue&) = delete;

  /// Any thread. Waits while there is a lot of work, so that memory has a bound.
  void add(std::function<void()> work);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace ktstr
