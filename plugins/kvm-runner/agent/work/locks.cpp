// SPDX-License-Identifier: Apache-2.0
#include "agent/work/locks.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

#ifndef FUTEX_LOCK_PI2
constexpr int FUTEX_LOCK_PI2 = 13;  // Linux 5.14
#endif

constexpr std::uint64_t kLongestPiWait = 100 * kMillisecond;  // signals do not end it

int pi_futex(std::atomic<std::uint32_t>& lock, int operation, const timespec* until) {
  return static_cast<int>(
      ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&lock), operation, 0, until, nullptr, 0));
}

}  // namespace

// 0 free, 1 taken, 2 taken and somebody waits (Drepper, "Futexes are tricky", mutex 2).
bool take(WorkContext& context, std::atomic<std::uint32_t>& lock) {
  std::uint32_t seen = 0;
  if (lock.compare_exchange_strong(seen, 1)) return true;
  while (!context.stopped()) {
    if (lock.exchange(2) == 0) return true;
    futex_wait(lock, 2);
    context.telemetry.woke();
  }
  return false;
}

void give_back(GroupShared& group, std::atomic<std::uint32_t>& lock) {
  if (lock.exchange(0) != 2) return;
  group.woken_at_ns.store(now_ns(), std::memory_order_relaxed);
  futex_wake(lock, 1);
}

bool take_pi(WorkContext& context, std::atomic<std::uint32_t>& lock) {
  std::uint32_t seen = 0;
  if (lock.compare_exchange_strong(seen, static_cast<std::uint32_t>(::getpid()))) return true;
  while (!context.stopped()) {
    const std::uint64_t end = now_ns() + kLongestPiWait;
    const timespec until{static_cast<time_t>(end / 1'000'000'000), static_cast<long>(end % 1'000'000'000)};
    const bool taken = pi_futex(lock, FUTEX_LOCK_PI2, &until) == 0;
    context.telemetry.woke();
    if (taken) return true;
  }
  return false;
}

void give_back_pi(GroupShared& group, std::atomic<std::uint32_t>& lock) {
  std::uint32_t mine = static_cast<std::uint32_t>(::getpid());
  if (lock.compare_exchange_strong(mine, 0)) return;
  group.woken_at_ns.store(now_ns(), std::memory_order_relaxed);
  pi_futex(lock, FUTEX_UNLOCK_PI, nullptr);
}

void await_all(WorkContext& context, std::atomic<std::uint32_t>& arrived,
               std::atomic<std::uint32_t>& generation) {
  const std::uint32_t mine = generation.load();
  if (arrived.fetch_add(1) + 1 == context.group_size) {
    arrived.store(0);
    generation.fetch_add(1);
    futex_wake(generation, static_cast<int>(context.group_size));
    return;
  }
  while (generation.load() == mine && !context.stopped()) {
    futex_wait(generation, mine);
    context.telemetry.woke();
  }
}

}  // namespace ktstr::agent
