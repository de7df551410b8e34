// SPDX-License-Identifier: Apache-2.0
#include "agent/work.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace ktstr::agent {
namespace {

bool stopped(const WorkContext& context) { return context.stop.load(std::memory_order_relaxed) != 0; }

/// Sleeps until `word` is no longer `seen`, a signal comes or a fake wake-up happens. True when it really
/// slept.
bool futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen) {
  return ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT, seen, nullptr, nullptr,
                   0) == 0;
}
void futex_wake(std::atomic<std::uint32_t>& word, int count) {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, count, nullptr, nullptr, 0);
}

void sleep_until(std::uint64_t due_ns) {
  const timespec due{static_cast<time_t>(due_ns / 1'000'000'000ULL),
                     static_cast<long>(due_ns % 1'000'000'000ULL)};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
}

void spin_wait(WorkContext& c) {
  const std::uint64_t units = c.cgroup.parameter("units");
  while (!stopped(c)) {
    spin(c, units);
    c.telemetry.add_iteration();
  }
}

void spin_and_yield(WorkContext& c) {  // YieldHeavy and Mixed differ in their default burst
  const std::uint64_t units = c.cgroup.parameter("units");
  while (!stopped(c)) {
    spin(c, units);
    ::sched_yield();
    c.telemetry.woke();
    c.telemetry.add_iteration();
  }
}

void bursty(WorkContext& c) {
  const std::uint64_t busy = c.cgroup.parameter("busy_us") * 1000,
                      rest = c.cgroup.parameter("sleep_us") * 1000;
  while (!stopped(c)) {
    // Up to an eighth more or less, so that workers do not march in step.
    const std::uint64_t end = now_ns() + busy - busy / 8 + c.random.below(busy / 4 + 1);
    while (now_ns() < end && !stopped(c)) spin(c, 256);
    const std::uint64_t due = now_ns() + rest;
    c.telemetry.sleeps_until(due);
    sleep_until(due);
    const std::uint64_t now = now_ns();
    if (!stopped(c) && now >= due) c.telemetry.latency(now - due);
    c.telemetry.woke();
    c.telemetry.add_iteration();
  }
}

void pipe_io(WorkContext& c) {
  const std::uint64_t units = c.cgroup.parameter("units");
  char byte = 1;
  bool my_turn = c.index_in_group == 0;
  while (!stopped(c)) {
    if (my_turn) {
      spin(c, units);
      c.group.woken_at_ns = now_ns();
      if (::write(c.write_fd, &byte, 1) != 1) continue;
    }
    my_turn = ::read(c.read_fd, &byte, 1) == 1;
    if (my_turn) {
      c.telemetry.latency(now_ns() - c.group.woken_at_ns);
      c.telemetry.woke();
      c.telemetry.add_iteration();
    }
  }
}

void futex_ping_pong(WorkContext& c) {
  const std::uint64_t units = c.cgroup.parameter("units");
  const std::uint32_t me = c.index_in_group, partner = 1 - me;
  while (!stopped(c)) {
    const std::uint32_t turn = c.group.word.load(std::memory_order_acquire);
    if (turn != me) {
      const bool slept = futex_wait(c.group.word, turn);
      if (slept && c.group.word.load(std::memory_order_acquire) == me)
        c.telemetry.latency(now_ns() - c.group.woken_at_ns);
      c.telemetry.woke();
      continue;
    }
    spin(c, units);
    c.telemetry.add_iteration();
    c.group.woken_at_ns = now_ns();
    c.group.word.store(partner, std::memory_order_release);
    futex_wake(c.group.word, 1);
  }
}

void fan_out_messenger(WorkContext& c, std::uint64_t units) {
  const std::uint32_t receivers = c.group_size - 1;
  while (!stopped(c)) {
    spin(c, units);
    c.group.answers.store(0, std::memory_order_release);
    c.group.woken_at_ns = now_ns();
    c.group.word.fetch_add(1, std::memory_order_acq_rel);
    futex_wake(c.group.word, static_cast<int>(receivers));
    for (std::uint32_t have = c.group.answers.load(std::memory_order_acquire);
         have < receivers && !stopped(c); have = c.group.answers.load(std::memory_order_acquire)) {
      futex_wait(c.group.answers, have);
    }
    c.telemetry.woke();
    c.telemetry.add_iteration();
  }
}

void fan_out_receiver(WorkContext& c, std::uint64_t units) {
  std::uint32_t handled = 0;
  while (!stopped(c)) {
    const std::uint32_t generation = c.group.word.load(std::memory_order_acquire);
    if (generation == handled) {
      const bool slept = futex_wait(c.group.word, generation);
      if (slept && c.group.word.load(std::memory_order_acquire) != generation)
        c.telemetry.latency(now_ns() - c.group.woken_at_ns);
      c.telemetry.woke();
      continue;
    }
    handled = generation;
    spin(c, units);
    c.telemetry.add_iteration();
    if (c.group.answers.fetch_add(1, std::memory_order_acq_rel) + 1 == c.group_size - 1) {
      c.group.answered_at_ns = now_ns();
      futex_wake(c.group.answers, 1);
    }
  }
}

void futex_fan_out(WorkContext& c) {
  const std::uint64_t units = c.cgroup.parameter("units");
  c.index_in_group == 0 ? fan_out_messenger(c, units) : fan_out_receiver(c, units);
}

void timer_latency(WorkContext& c) {
  const std::uint64_t interval = c.cgroup.parameter("interval_us") * 1000,
                      units = c.cgroup.parameter("units");
  std::uint64_t due = now_ns() + interval;
  while (!stopped(c)) {
    c.telemetry.sleeps_until(due);
    sleep_until(due);
    const std::uint64_t now = now_ns();
    if (stopped(c)) break;
    if (now >= due) c.telemetry.latency(now - due);
    c.telemetry.woke();
    spin(c, units);
    c.telemetry.add_iteration();
    due += interval * ((now - due) / interval + 1);  // a late wake-up does not make the next ones late
  }
}

}  // namespace

void spin(WorkContext& context, std::uint64_t units) {
  std::uint64_t value = units;
  while (units > 0) {
    const std::uint64_t burst = units < 1024 ? units : 1024;
    for (std::uint64_t i = 0; i < burst; ++i) {
      value = value * 6364136223846793005ULL + 1442695040888963407ULL;
      __asm__ volatile("" : "+r"(value));
    }
    units -= burst;
    context.telemetry.add_units(burst);
    context.telemetry.checkpoint();
    if (stopped(context)) break;
  }
}

WorkFunction work_function(std::string_view type) {
  if (type == "SpinWait") return spin_wait;
  if (type == "YieldHeavy" || type == "Mixed") return spin_and_yield;
  if (type == "Bursty") return bursty;
  if (type == "PipeIo") return pipe_io;
  if (type == "FutexPingPong") return futex_ping_pong;
  if (type == "FutexFanOut") return futex_fan_out;
  if (type == "TimerLatency") return timer_latency;
  return nullptr;
}

}  // namespace ktstr::agent
