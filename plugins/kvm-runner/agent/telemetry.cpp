// SPDX-License-Identifier: Apache-2.0
#include "agent/telemetry.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ktstr/kit/assert.hpp>

namespace ktstr::agent {
namespace {

std::uint64_t clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000ULL +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t nanoseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000ULL +
         static_cast<std::uint64_t>(time.tv_usec) * 1000ULL;
}

std::uint64_t since(std::uint64_t now, std::uint64_t then) { return now > then ? now - then : 0; }

}  // namespace

std::uint64_t now_ns() { return clock_ns(CLOCK_MONOTONIC); }

RunDelay read_run_delay(const std::string& task) {
  RunDelay delay;
  const int fd = ::open(("/proc/" + task + "/schedstat").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return delay;
  char text[128] = {};
  const ssize_t n = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  unsigned long long cpu = 0, waited = 0, turns = 0;
  if (n > 0 && std::sscanf(text, "%llu %llu %llu", &cpu, &waited, &turns) == 3) delay = {waited, turns};
  return delay;
}

void Telemetry::arrive() {
  const RunDelay delay = read_run_delay("thread-self");
  report_.delay_begin_ns = delay.waited_ns;
  count_begin_ = delay.turns;
  arrived_ns_ = report_.last_seen_ns = now_ns();
}

void Telemetry::begin(std::uint64_t released_ns, std::uint64_t start_ns) {
  // Who came to the gate after it had opened was kept from running by then.
  const std::uint64_t late = arrived_ns_ > released_ns ? arrived_ns_ - released_ns : 0;
  report_.delay_begin_ns -= late < report_.delay_begin_ns ? late : report_.delay_begin_ns;
  cpu_begin_ns_ = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  user_begin_ns_ = nanoseconds(usage.ru_utime);
  system_begin_ns_ = nanoseconds(usage.ru_stime);
  pauses_seen_ = pauses_.load(std::memory_order_relaxed);
  report_.start_ns = last_ns_ = start_ns;
  checkpoint();
}

void Telemetry::look_at_cpu() {
  const int cpu = ::sched_getcpu();
  if (cpu < 0 || static_cast<std::size_t>(cpu) >= kMaxCpus || cpu == cpu_) return;
  if (cpu_ >= 0) ++report_.numbers.migrations;
  cpu_ = cpu;
  report_.cpus_used[static_cast<std::size_t>(cpu) / 64] |= 1ULL << (cpu % 64);
}

void Telemetry::checkpoint() {
  const std::uint64_t now = now_ns();
  look_at_cpu();
  const std::uint32_t pauses = pauses_.load(std::memory_order_relaxed);
  if (pauses != pauses_seen_) {
    pauses_seen_ = pauses;
    last_ns_ = now;
  }
  if (const std::uint64_t gap = now > last_ns_ ? now - last_ns_ : 0; gap > report_.numbers.max_gap_ns) {
    report_.numbers.max_gap_ns = gap;
    report_.numbers.max_gap_at_ns = now;
    report_.numbers.max_gap_cpu = static_cast<std::uint64_t>(cpu_ < 0 ? 0 : cpu_);
  }
  last_ns_ = report_.last_seen_ns = now;
}

std::uint64_t Telemetry::woke() {
  last_ns_ = report_.last_seen_ns = now_ns();
  look_at_cpu();
  return last_ns_;
}

void Telemetry::sample(std::size_t distribution, std::uint64_t ns) {
  SampleCount& count = report_.samples[distribution];
  const SampleRoom& room = rooms_[distribution];
  KTSTR_ASSERT(room.all != nullptr);
  const std::uint64_t seen = count.seen++;
  ++(*room.all)[kvm::bucket_of(ns)];
  if (reservoir_ == 0) return;
  if (seen < reservoir_) {
    room.kept[seen] = ns;
    count.kept = seen + 1;
  } else if (const std::uint64_t slot = random_.below(seen + 1); slot < reservoir_) {
    room.kept[slot] = ns;
  }
}

void Telemetry::finish() {
  look_at_cpu();
  const std::uint64_t now = now_ns();
  report_.numbers.wall_time_ns = now > report_.start_ns ? now - report_.start_ns : 0;
  report_.numbers.cpu_time_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_begin_ns_;
  const RunDelay delay = read_run_delay("thread-self");
  report_.numbers.run_delay_ns =
      delay.waited_ns > report_.delay_begin_ns ? delay.waited_ns - report_.delay_begin_ns : 0;
  report_.numbers.run_count = delay.turns > count_begin_ ? delay.turns - count_begin_ : 0;
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  report_.numbers.user_time_ns = since(nanoseconds(usage.ru_utime), user_begin_ns_);
  report_.numbers.system_time_ns = since(nanoseconds(usage.ru_stime), system_begin_ns_);
  for (const SampleCount& count : report_.samples)
    KTSTR_ASSERT(count.kept <= reservoir_ && count.kept <= count.seen);
  report_.completed = true;
}

}  // namespace ktstr::agent
