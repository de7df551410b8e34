// SPDX-License-Identifier: Apache-2.0
#include "measure/store_queue.hpp"

#include <system_error>

namespace ktstr {
namespace {

constexpr std::size_t kMostWaiting = 1024;

}  // namespace

StoreQueue::StoreQueue() {
  try {
    thread_ = std::thread([this] { loop(); });
  } catch (const std::system_error&) {
    return;  // no thread to be had: whoever hands work over does it
  }
}

StoreQueue::~StoreQueue() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StoreQueue::add(std::function<void()> work) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) return work();
  changed_.wait(lock, [this] { return work_.size() < kMostWaiting; });
  work_.push_back(std::move(work));
  changed_.notify_all();
}

void StoreQueue::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !work_.empty(); });
    if (work_.empty()) return;
    const std::function<void()> next = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    next();
    lock.lock();
    changed_.notify_all();
  }
}

}  // namespace ktstr
