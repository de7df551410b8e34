// SPDX-License-Identifier: Apache-2.0
#include "measure/store_queue.hpp"

#include <exception>
#include <ktstr/kit/assert.hpp>
#include <system_error>

namespace ktstr {

StoreQueue::StoreQueue(std::uint64_t most_bytes) : most_bytes_(most_bytes) {
  try {
    thread_ = std::thread([this] { loop(); });
  } catch (const std::system_error&) {
    const kit::Lock lock(mutex_);
    ending_ = true;  // no thread to be had: whoever hands work over does it
  }
}

StoreQueue::~StoreQueue() { finish(); }

void StoreQueue::add(std::uint64_t bytes, std::function<void()> work) {
  if (!queued(bytes, work)) run(work);
}

/// False at the end, when nobody might take it any more.
bool StoreQueue::queued(std::uint64_t bytes, std::function<void()>& work) {
  const kit::Lock lock(mutex_);
  const auto full = [&]() KTSTR_REQUIRES(mutex_) {
    return waiting_.size() >= kMostWaiting ||
           (bytes_ > 0 && (bytes_ >= most_bytes_ || bytes > most_bytes_ - bytes_));
  };
  while (!ending_ && full()) changed_.wait(mutex_);
  if (ending_) return false;
  waiting_.push_back({bytes, std::move(work)});
  bytes_ += bytes;
  changed_.wake_all();
  return true;
}

std::string StoreQueue::finish() {
  {
    const kit::Lock lock(mutex_);
    ending_ = true;
    changed_.wake_all();
  }
  if (thread_.joinable()) thread_.join();
  const kit::Lock lock(mutex_);
  return failure_;
}

void StoreQueue::loop() {
  for (;;) {
    Piece next;
    {
      const kit::Lock lock(mutex_);
      while (!ending_ && waiting_.empty()) changed_.wait(mutex_);
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    run(next.work);
    next.work = nullptr;  // frees what it holds
    const kit::Lock lock(mutex_);
    KTSTR_ASSERT(bytes_ >= next.bytes);
    bytes_ -= next.bytes;
    changed_.wake_all();
  }
}

/// What is thrown in a thread would end the process.
void StoreQueue::run(const std::function<void()>& work) {
  std::string failure;
  try {
    const kit::Lock lock(working_);
    return work();
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  } catch (...) {
    failure = "an exception of unknown type";
  }
  const kit::Lock lock(mutex_);
  if (failure_.empty()) failure_ = failure.empty() ? "an exception without a text" : failure;
}

}  // namespace ktstr
