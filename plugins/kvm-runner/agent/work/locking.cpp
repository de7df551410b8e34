// SPDX-License-Identifier: Apache-2.0
#include "agent/work/functions.hpp"
#include "agent/work/locks.hpp"
#include "agent/work/placement.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr int kBetween = 10, kHighest = 20;  // real-time priorities; the agent has a higher one
constexpr std::uint64_t kOutsideUnits = 256;

struct Lock {
  bool pi = false;
  std::atomic<std::uint32_t>& word;

  /// How long it takes is a latency when `measured`.
  bool take(WorkContext& c, bool measured) {
    const std::uint64_t begin = now_ns();
    if (!(pi ? take_pi(c, word) : agent::take(c, word))) return false;
    if (measured) c.telemetry.latency(now_ns() - begin);
    return true;
  }
  void give_back(WorkContext& c) { pi ? give_back_pi(c.group, word) : agent::give_back(c.group, word); }
};

}  // namespace

void mutex_contention(WorkContext& c) {
  const std::uint64_t hold = c.work.count("hold_units"), outside = c.work.count("units");
  Lock lock{false, c.group.words[0]};
  while (!c.stopped()) {
    spin(c, outside);
    if (!lock.take(c, true)) break;
    spin(c, hold);
    lock.give_back(c);
    c.telemetry.add_iteration();
  }
}

// The lowest is first, so that the lock is taken before the highest wants it.
void priority_inversion(WorkContext& c) {
  const std::uint64_t hold = c.work.count("hold_units"), pause = c.work.count("sleep_us") * kMicrosecond;
  Lock lock{c.work.text("lock") == "pi", c.group.words[0]};
  const bool lowest = c.index_in_group == 0, between = c.index_in_group == 1;
  bind_group_to_one_cpu(c);
  if (!lowest && !set_policy("fifo", between ? kBetween : kHighest)) c.telemetry.count(0);
  while (!c.stopped()) {
    if (!lowest) rest(c, pause);
    if (between) {
      spin(c, hold);
    } else {
      if (!lock.take(c, !lowest)) break;
      spin(c, lowest ? hold : kOutsideUnits);
      lock.give_back(c);
      spin(c, kOutsideUnits);
    }
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
