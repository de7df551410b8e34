// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "agent/work/functions.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {

void idle_churn(WorkContext& c) {
  const std::uint64_t busy = c.work.count("busy_us") * kMicrosecond,
                      pause = c.work.count("sleep_us") * kMicrosecond;
  if (c.work.count("precise") != 0) ::prctl(PR_SET_TIMERSLACK, 1);
  while (!c.stopped()) {
    spin_for(c, busy);
    timed_rest(c, pause);
    c.telemetry.add_iteration();
  }
}

void timer_latency(WorkContext& c) {
  const std::uint64_t interval = c.work.count("interval_us") * kMicrosecond, units = c.work.count("units");
  std::uint64_t due = now_ns() + interval;
  while (!c.stopped()) {
    c.telemetry.sleeps_until(due);
    sleep_until(due);
    const std::uint64_t now = now_ns();
    if (c.stopped()) break;
    if (now >= due) c.telemetry.latency(now - due);
    c.telemetry.woke();
    spin(c, units);
    c.telemetry.add_iteration();
    due += interval * ((now - due) / interval + 1);  // a late wake-up does not make the next ones late
  }
}

// Unlike a sleep of one's own the timer goes on by itself: its interrupt finds the worker waiting in read(),
// or not.
void irq_wake(WorkContext& c) {
  const std::uint64_t interval = c.work.count("interval_us") * kMicrosecond, units = c.work.count("units");
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  std::uint64_t due = now_ns() + interval;
  const auto time = [](std::uint64_t ns) {
    return timespec{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  };
  const itimerspec setting{time(interval), time(due)};
  if (timer < 0 || ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, nullptr) != 0) {
    while (!c.stopped()) rest(c, interval);
  }
  while (!c.stopped()) {
    std::uint64_t expired = 0;
    c.telemetry.sleeps_until(due);
    const bool early = now_ns() < due;
    if (::read(timer, &expired, sizeof expired) != sizeof expired || c.stopped()) continue;
    const std::uint64_t now = now_ns();
    if (early && now >= due) c.telemetry.latency(now - due);
    c.telemetry.woke();
    c.telemetry.count(0, expired - 1);
    due += interval * expired;
    spin(c, units);
    c.telemetry.add_iteration();
  }
  ::close(timer);
}

}  // namespace ktstr::agent
