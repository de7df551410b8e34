// SPDX-License-Identifier: Apache-2.0
//
// After schbench by Chris Mason. A worker tells its message thread that it waits; that one wakes all who
// wait, with one look at the clock for all of them. The wake-up latency is from there to the worker running;
// the request latency is from the worker running to the end of its work, think time included. Requests per
// second are those of all workers.
#include <sched.h>

#include "agent/work/functions.hpp"
#include "agent/work/locks.hpp"
#include "agent/work/matrices.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint32_t kBitsOfWord = 32;  // words 0 and 1 of the group have a bit for each member that waits

void message_thread(WorkContext& c) {
  while (!c.stopped()) {
    const std::uint32_t waiting[] = {c.group.words[0].exchange(0), c.group.words[1].exchange(0)};
    const std::uint64_t now = now_ns();
    for (std::uint32_t member = 1; member < c.group_size; ++member) {
      if ((waiting[member / kBitsOfWord] >> (member % kBitsOfWord) & 1) != 0) ring(c.group, member, now);
    }
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
    await_ring(c);
  }
}

/// A worker's side: true once it has been woken.
bool ask_and_wait(WorkContext& c) {
  const std::uint32_t me = c.index_in_group;
  c.group.words[me / kBitsOfWord].fetch_or(1U << (me % kBitsOfWord));
  ring(c.group, 0, now_ns());
  if (await_ring(c) == Rung::kNo) return false;
  c.telemetry.latency(time_since(c.group.stamps[me]));
  return true;
}

void work_of_request(WorkContext& c, Matrices& matrices, std::uint64_t operations, bool locking) {
  if (!locking) return multiply_matrices(c, matrices, operations);
  const int cpu = ::sched_getcpu();
  std::atomic<std::uint32_t>& lock =
      c.group.locks[static_cast<std::size_t>(cpu < 0 ? 0 : cpu) % c.group.locks.size()];
  if (!take(c, lock)) return;
  multiply_matrices(c, matrices, operations);
  give_back(c.group, lock);
}

}  // namespace

void schbench(WorkContext& c) {
  if (c.index_in_group == 0) return message_thread(c);
  const std::uint64_t operations = c.work.count("operations"),
                      think = c.work.count("sleep_us") * kMicrosecond;
  const bool locking = c.work.count("locking") != 0;
  Matrices matrices(c.work.count("cache_kib"));
  while (ask_and_wait(c)) {
    const std::uint64_t begin = now_ns();
    rest(c, think);
    work_of_request(c, matrices, operations, locking);
    if (c.stopped()) break;
    c.telemetry.sample(1, now_ns() - begin);
    c.telemetry.count(0);
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
