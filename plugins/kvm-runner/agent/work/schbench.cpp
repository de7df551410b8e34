// SPDX-License-Identifier: Apache-2.0
//
// After schbench by Chris Mason. A worker tells its message thread that it waits; that one wakes all who
// wait, with one look at the clock for all of them. The wake-up latency is from there to the worker running;
// the request latency is from the worker running to the end of its work, think time included. Requests per
// second are those of all workers. With a rate the message thread hands out that many requests at the begin
// of each second, and with pipe_bytes both sides write a message instead of working. The members are threads
// of one process, as schbench's are.
#include <sched.h>

#include <cstring>

#include "agent/work/functions.hpp"
#include "agent/work/matrices.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint32_t kBitsOfWord = 32;  // words 0 and 1 of the group have a bit for each member that waits
constexpr std::uint64_t kMostPending = 128;  // requests that wait for one worker
constexpr std::uint64_t kPauseWhenFull = 100 * kMicrosecond;
constexpr std::uint64_t kSecond = 1'000'000'000;

/// Writes the message between a worker and its message thread, which lies behind the counts of requests.
void write_message(WorkContext& c, std::uint32_t member, std::uint64_t bytes, int byte) {
  if (bytes == 0) return;
  std::memset(static_cast<void*>(&c.cells[kvm::kLargestGroup + member * ((bytes + 7) / 8)]), byte, bytes);
}

void message_thread(WorkContext& c, std::uint64_t pipe_bytes) {
  while (!c.stopped()) {
    const std::uint32_t waiting[] = {c.group.words[0].exchange(0), c.group.words[1].exchange(0)};
    const std::uint64_t now = now_ns();
    for (std::uint32_t member = 1; member < c.group_size; ++member) {
      if ((waiting[member / kBitsOfWord] >> (member % kBitsOfWord) & 1) == 0) continue;
      write_message(c, member, pipe_bytes, 1);
      ring(c.group, member, pipe_bytes > 0 ? now_ns() : now);
    }
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
    await_ring(c);
  }
}

/// Hands out requests in turn. A worker that is far behind gets none.
void rated_message_thread(WorkContext& c, std::uint64_t rate_hz) {
  std::uint32_t turn = 0;
  while (!c.stopped()) {
    const std::uint64_t begin = now_ns();
    for (std::uint64_t i = 0; i < rate_hz && !c.stopped(); ++i) {
      c.telemetry.checkpoint();
      const std::uint64_t now = now_ns();
      const std::uint32_t member = 1 + turn++ % (c.group_size - 1);
      if (c.cells[member].load() > kMostPending) {
        rest(c, kPauseWhenFull);
        continue;
      }
      c.cells[member].fetch_add(1);
      ring(c.group, member, now);
    }
    c.telemetry.add_iteration();
    if (const std::uint64_t now = now_ns(); now < begin + kSecond) rest(c, begin + kSecond - now);
  }
}

bool await_measured(WorkContext& c) {
  std::uint64_t at_ns = 0;
  if (await_ring(c, &at_ns) == Rung::kNo) return false;
  c.telemetry.latency(time_since(c.group.stamps[c.index_in_group], at_ns));
  return true;
}

/// A worker's side: how many requests there are for it, once there are any; 0 when stopped.
std::uint64_t await_requests(WorkContext& c, bool rated, std::uint64_t pipe_bytes) {
  const std::uint32_t me = c.index_in_group;
  while (rated) {
    c.group.bells[me].store(0);
    if (const std::uint64_t requests = c.cells[me].exchange(0); requests > 0) return requests;
    if (!await_measured(c)) return 0;
  }
  write_message(c, me, pipe_bytes, 2);
  c.group.words[me / kBitsOfWord].fetch_or(1U << (me % kBitsOfWord));
  ring(c.group, 0, now_ns());
  return await_measured(c) ? 1 : 0;
}

/// Spins for the lock of the CPU that the worker is on, and once it has that, looks whether it still is
/// there. Null when stopped.
std::atomic<std::uint32_t>* lock_this_cpu(WorkContext& c) {
  constexpr std::uint32_t kBetweenLooks = 256;  // a look at the clock costs more than a turn
  while (!c.stopped()) {
    const int cpu = ::sched_getcpu();
    std::atomic<std::uint32_t>& lock =
        c.group.locks[static_cast<std::size_t>(cpu < 0 ? 0 : cpu) % c.group.locks.size()];
    for (std::uint32_t turn = 1; lock.exchange(1, std::memory_order_acquire) != 0; ++turn) {
      __builtin_ia32_pause();
      if (turn % kBetweenLooks != 0) continue;
      c.telemetry.checkpoint();
      if (c.stopped()) return nullptr;
    }
    if (::sched_getcpu() == cpu) return &lock;
    lock.store(0, std::memory_order_release);
  }
  return nullptr;
}

void work_of_request(WorkContext& c, Matrices& matrices, std::uint64_t operations, bool locking) {
  if (!locking) return multiply_matrices(c, matrices, operations);
  std::atomic<std::uint32_t>* const lock = lock_this_cpu(c);
  if (lock == nullptr) return;
  multiply_matrices(c, matrices, operations);
  lock->store(0, std::memory_order_release);
}

}  // namespace

void schbench(WorkContext& c) {
  const std::uint64_t pipe_bytes = c.work.count("pipe_bytes"),
                      rate_hz = pipe_bytes > 0 ? 0 : c.work.count("rate_hz");
  if (c.index_in_group == 0)
    return rate_hz > 0 ? rated_message_thread(c, rate_hz) : message_thread(c, pipe_bytes);
  const std::uint64_t operations = c.work.count("operations"),
                      think = c.work.count("sleep_us") * kMicrosecond;
  const bool locking = c.work.count("locking") != 0;
  Matrices matrices(c.work.count("cache_kib"));
  while (!c.stopped()) {
    for (std::uint64_t left = await_requests(c, rate_hz > 0, pipe_bytes); left > 0 && !c.stopped(); --left) {
      if (pipe_bytes == 0) {
        const std::uint64_t begin = now_ns();
        rest(c, think);
        work_of_request(c, matrices, operations, locking);
        if (c.stopped()) return;
        c.telemetry.sample(1, now_ns() - begin);
      }
      c.telemetry.count(0);
      c.telemetry.add_iteration();
    }
  }
}

}  // namespace ktstr::agent
