// SPDX-License-Identifier: Apache-2.0
#include "agent/work/tools.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace ktstr::agent {

bool futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen, int scope) {
  return ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT | scope, seen, nullptr,
                   nullptr, 0) == 0;
}

void futex_wake(std::atomic<std::uint32_t>& word, int count, int scope) {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE | scope, count, nullptr, nullptr,
            0);
}

void sleep_until(std::uint64_t due_ns) {
  const timespec due{static_cast<time_t>(due_ns / 1'000'000'000ULL),
                     static_cast<long>(due_ns % 1'000'000'000ULL)};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
}

void rest(WorkContext& context, std::uint64_t ns) {
  if (ns == 0) return;
  const std::uint64_t due = now_ns() + ns;
  context.telemetry.sleeps_until(due);
  sleep_until(due);
  context.telemetry.woke();
}

void timed_rest(WorkContext& context, std::uint64_t ns) {
  const std::uint64_t due = now_ns() + ns;
  context.telemetry.sleeps_until(due);
  sleep_until(due);
  const std::uint64_t now = now_ns();
  if (!context.stopped() && now >= due) context.telemetry.latency(now - due);
  context.telemetry.woke();
}

void ring(GroupShared& group, std::uint32_t member, std::uint64_t at_ns) {
  group.stamps[member].store(at_ns, std::memory_order_relaxed);
  group.woken_at_ns.store(at_ns, std::memory_order_relaxed);
  if (group.bells[member].exchange(1, std::memory_order_acq_rel) == 0)
    futex_wake(group.bells[member], 1, group.futex_scope);
}

Rung await_ring(WorkContext& context, std::uint64_t* at_ns) {
  std::atomic<std::uint32_t>& bell = context.group.bells[context.index_in_group];
  bool slept = false;
  std::uint64_t woken_ns = 0;
  while (!context.stopped()) {
    if (bell.exchange(0, std::memory_order_acq_rel) == 1) {
      if (at_ns != nullptr) *at_ns = woken_ns != 0 ? woken_ns : now_ns();
      return slept ? Rung::kWhenSlept : Rung::kBefore;
    }
    slept = futex_wait(bell, 0, context.group.futex_scope) || slept;
    woken_ns = context.telemetry.woke();
  }
  return Rung::kNo;
}

bool measured_ring(WorkContext& context) {
  std::uint64_t at_ns = 0;
  const Rung rung = await_ring(context, &at_ns);
  if (rung == Rung::kWhenSlept)
    context.telemetry.latency(time_since(context.group.stamps[context.index_in_group], at_ns));
  return rung != Rung::kNo;
}

int scratch_file() {
  const int fd = ::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return fd >= 0 ? fd : ::memfd_create("scratch", MFD_CLOEXEC);
}

std::uint64_t compute(std::uint64_t value, std::uint64_t units) {
  for (std::uint64_t i = 0; i < units; ++i) {
    value = value * 6364136223846793005ULL + 1442695040888963407ULL;
    __asm__ volatile("" : "+r"(value));
  }
  return value;
}

void spin(WorkContext& context, std::uint64_t units) {
  std::uint64_t value = units;
  while (units > 0) {
    const std::uint64_t burst = units < 1024 ? units : 1024;
    value = compute(value, burst);
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
