// SPDX-License-Identifier: Apache-2.0
#include "agent/work/tools.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace ktstr::agent {

bool futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen) {
  return ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT, seen, nullptr, nullptr, 0) == 0;
}

void futex_wake(std::atomic<std::uint32_t>& word, int count) {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, count, nullptr, nullptr, 0);
}

void sleep_until(std::uint64_t due_ns) {
  const timespec due{static_cast<time_t>(due_ns / 1'000'000'000ULL), static_cast<long>(due_ns % 1'000'000'000ULL)};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
}

void rest(WorkContext& context, std::uint64_t ns) {
  if (ns == 0) return;
  const std::uint64_t due = now_ns() + ns;
  context.telemetry.sleeps_until(due);
  sleep_until(due);
  context.telemetry.woke();
}

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
    if (context.stopped()) break;
  }
}

void spin_for(WorkContext& context, std::uint64_t ns) {
  const std::uint64_t end = now_ns() + ns;
  while (now_ns() < end && !context.stopped()) spin(context, 256);
}

}  // namespace ktstr::agent
