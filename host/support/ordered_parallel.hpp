// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <exception>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mutex.hpp>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace ktstr {

/// Results on their way from workers to one consumer, who gets them in order. Workers stay at most `ahead`
/// results in front of it.
template <typename Item>
class OrderedResults {
 public:
  OrderedResults(std::size_t count, std::size_t ahead) : count_(count), ring_(ahead) {}

  /// For a worker: the next piece of work, once there is room for its result; nothing when there is none.
  std::optional<std::size_t> claim() KTSTR_EXCLUDES(mutex_) {
    const kit::Lock lock(mutex_);
    while (!stopped_ && next_ < count_ && next_ >= consumed_ + ring_.size()) changed_.wait(mutex_);
    if (stopped_ || next_ >= count_) return std::nullopt;
    return next_++;
  }
  void put(std::size_t index, std::optional<Item> item) KTSTR_EXCLUDES(mutex_) {
    const kit::Lock lock(mutex_);
    KTSTR_ASSERT(index < next_ && index >= consumed_ && !ring_[index % ring_.size()].has_value());
    ring_[index % ring_.size()] = std::move(item);
    changed_.wake_all();
  }
  /// Nobody works or waits any more. The first failure is kept.
  void stop(std::exception_ptr failure = nullptr) KTSTR_EXCLUDES(mutex_) {
    const kit::Lock lock(mutex_);
    if (!failure_) failure_ = failure;
    stopped_ = true;
    changed_.wake_all();
  }
  /// For the consumer: the result after the one before; nothing when stopped.
  std::optional<Item> take(std::size_t index) KTSTR_EXCLUDES(mutex_) {
    const kit::Lock lock(mutex_);
    std::optional<Item>& slot = ring_[index % ring_.size()];
    while (!stopped_ && !slot.has_value()) changed_.wait(mutex_);
    if (stopped_) return std::nullopt;
    KTSTR_ASSERT(consumed_ == index && index < next_);
    std::optional<Item> item = std::move(slot);
    slot.reset();
    ++consumed_;
    changed_.wake_all();
    return item;
  }
  std::exception_ptr failure() KTSTR_EXCLUDES(mutex_) {
    const kit::Lock lock(mutex_);
    return failure_;
  }

 private:
  const std::size_t count_;
  kit::Mutex mutex_;
  kit::Condition changed_;
  std::vector<std::optional<Item>> ring_ KTSTR_GUARDED_BY(mutex_);
  std::size_t next_ KTSTR_GUARDED_BY(mutex_) = 0;
  std::size_t consumed_ KTSTR_GUARDED_BY(mutex_) = 0;
  bool stopped_ KTSTR_GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ KTSTR_GUARDED_BY(mutex_);
};

/// Calls work(0) … work(count - 1) on up to `threads` threads and hands each result to `consume(index,
/// result)` on the calling thread, in order; memory does not grow with `count`. `consume` returns false to
/// stop. What is thrown on either side arrives at the caller.
template <typename Work, typename Consume>
void parallel_in_order(std::size_t count, unsigned threads, const Work& work, const Consume& consume) {
  using Item = decltype(work(std::size_t{0}));
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!consume(i, work(i))) return;
    }
    return;
  }
  OrderedResults<Item> results(count, std::max<std::size_t>(16, 2 * std::size_t{threads}));
  const auto run = [&results, &work] {
    try {
      while (const std::optional<std::size_t> index = results.claim()) results.put(*index, work(*index));
    } catch (...) {
      results.stop(std::current_exception());
    }
  };
  std::vector<std::jthread> workers;
  try {
    for (unsigned t = 0; t < std::min<std::size_t>(threads, count); ++t) workers.emplace_back(run);
  } catch (const std::system_error&) {  // no more threads are to be had: the ones there are will do
    if (workers.empty()) return parallel_in_order(count, 1, work, consume);
  }
  try {
    for (std::size_t i = 0; i < count; ++i) {
      std::optional<Item> item = results.take(i);
      if (!item || !consume(i, std::move(*item))) break;
    }
  } catch (...) {
    results.stop(std::current_exception());
  }
  results.stop();
  workers.clear();  // joins
  if (const std::exception_ptr failure = results.failure()) std::rethrow_exception(failure);
}

}  // namespace ktstr
