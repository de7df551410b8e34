// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace ktstr {

/// Calls work(0) … work(count - 1) on up to `threads` threads and hands each result to `consume(index,
/// result)` on the calling thread, in order. Workers stay at most `kAhead` results in front of it, so memory
/// does not grow with `count`. `consume` returns false to stop. What is thrown on either side arrives at the
/// caller.
template <typename Work, typename Consume>
void parallel_in_order(std::size_t count, unsigned threads, const Work& work, const Consume& consume) {
  using Item = decltype(work(std::size_t{0}));
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!consume(i, work(i))) return;
    }
    return;
  }
  constexpr std::size_t kAhead = 16;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::optional<Item>> ring(kAhead);
  std::size_t next = 0, consumed = 0;
  bool stop = false;
  std::exception_ptr failure;

  const auto run = [&] {
    for (;;) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return stop || next >= count || next < consumed + kAhead; });
      if (stop || next >= count) return;
      const std::size_t mine = next++;
      lock.unlock();
      try {
        Item item = work(mine);
        lock.lock();
        ring[mine % kAhead].emplace(std::move(item));
      } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        if (!failure) failure = std::current_exception();
        stop = true;
      }
      changed.notify_all();
    }
  };
  std::vector<std::jthread> workers;
  try {
    for (unsigned t = 0; t < std::min<std::size_t>(threads, count); ++t) workers.emplace_back(run);
  } catch (const std::system_error&) {  // no more threads are to be had: the ones there are will do
    if (workers.empty()) return parallel_in_order(count, 1, work, consume);
  }

  const auto finish = [&] {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    changed.notify_all();
    workers.clear();  // joins
  };
  try {
    for (std::size_t i = 0; i < count; ++i) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return stop || ring[i % kAhead].has_value(); });
      if (stop) break;
      Item item = std::move(*ring[i % kAhead]);
      ring[i % kAhead].reset();
      ++consumed;
      lock.unlock();
      changed.notify_all();
      if (!consume(i, std::move(item))) break;
    }
  } catch (...) {
    finish();
    throw;
  }
  finish();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ktstr
