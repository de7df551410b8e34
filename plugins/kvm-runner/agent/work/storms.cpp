// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/work/functions.hpp"
#include "agent/work/locks.hpp"
#include "agent/work/placement.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr int kPreemptPriority = 1;
constexpr std::uint64_t kSpinnerUnits = 4096;
constexpr std::size_t kRounds = 2;  // words of a pair: how many each has done

std::atomic<std::uint64_t> signals_received;  // by the handler, in this process

/// The second worker of a pair whose first one has a real-time policy.
void be_preempted(WorkContext& c, bool counts) {
  long before = 0;
  while (!c.stopped()) {
    spin(c, kSpinnerUnits);
    c.telemetry.add_iteration();
    rusage usage{};
    if (!counts || ::getrusage(RUSAGE_SELF, &usage) != 0) continue;
    if (before != 0) c.telemetry.count(0, static_cast<std::uint64_t>(usage.ru_nivcsw - before));
    before = usage.ru_nivcsw;
  }
}

}  // namespace

void signal_storm(WorkContext& c) {
  const std::uint64_t signals = c.work.count("signals"), units = c.work.count("units");
  const int number = SIGRTMIN + 1;  // such signals queue up instead of becoming one
  struct sigaction action {};
  action.sa_handler = [](int) { signals_received.fetch_add(1, std::memory_order_relaxed); };
  action.sa_flags = SA_RESTART;
  ::sigaction(number, &action, nullptr);
  await_all(c, c.group.words[0], c.group.words[1]);  // it would kill who has no handler yet
  const std::uint32_t other = 1 - c.index_in_group;
  const pid_t partner = c.group.pids[other];
  std::uint32_t seen = 0;
  while (!c.stopped()) {
    spin(c, units);
    // A round of the partner's for each burst: it would do nothing any more but receive signals.
    const std::uint32_t rounds = c.group.words[kRounds + other];
    for (std::uint64_t sent = 0; sent < signals && rounds != seen && !c.stopped(); ++sent) {
      if (::sigqueue(partner, number, sigval{}) != 0) break;  // too many are pending
      c.telemetry.count(0);
    }
    seen = rounds;
    c.group.words[kRounds + c.index_in_group].fetch_add(1);
    c.telemetry.checkpoint();
    c.telemetry.count(1, signals_received.exchange(0, std::memory_order_relaxed));
    c.telemetry.add_iteration();
  }
}

void preempt_storm(WorkContext& c) {
  const std::uint64_t units = c.work.count("rt_burst_units"), pause = c.work.count("sleep_us") * kMicrosecond;
  bind_group_to_one_cpu(c);
  if (c.index_in_group == 1) return be_preempted(c, true);
  if (!set_policy("fifo", kPreemptPriority)) c.telemetry.count(1);
  while (!c.stopped()) {
    timed_rest(c, pause);
    spin(c, units);
    c.telemetry.add_iteration();
  }
}

void rt_starvation(WorkContext& c) {
  const std::uint64_t busy = c.work.count("busy_us") * kMicrosecond,
                      pause = c.work.count("sleep_us") * kMicrosecond;
  bind_group_to_one_cpu(c);
  if (c.index_in_group == 1) return be_preempted(c, false);
  if (!set_policy("fifo", static_cast<int>(c.work.count("priority")))) c.telemetry.count(0);
  while (!c.stopped()) {
    spin_for(c, busy);
    timed_rest(c, pause);
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
