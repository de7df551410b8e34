// SPDX-License-Identifier: Apache-2.0
#include "agent/telemetry.hpp"

#include <fcntl.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace ktstr::agent {
namespace {

std::uint64_t clock_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000ULL + static_cast<std::uint64_t>(time.tv_nsec);
}

/// "cpu_ns run_delay_ns slices" of the calling task (Documentation/scheduler/sched-stats.rst).
void read_schedstat(std::uint64_t& delay, std::uint64_t& count) {
  const int fd = ::open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char text[128] = {};
  const ssize_t n = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  unsigned long long cpu = 0, waited = 0, slices = 0;
  if (n > 0 && std::sscanf(text, "%llu %llu %llu", &cpu, &waited, &slices) == 3) {
    delay = waited;
    count = slices;
  }
}

}  // namespace

std::uint64_t now_ns() { return clock_ns(CLOCK_MONOTONIC); }

void Telemetry::begin() {
  read_schedstat(delay_begin_, count_begin_);
  cpu_begin_ns_ = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  report_.start_ns = last_ns_ = now_ns();
  look_at_cpu();
}

void Telemetry::look_at_cpu() {
  const int cpu = ::sched_getcpu();
  if (cpu < 0 || static_cast<std::size_t>(cpu) >= kMaxCpus || cpu == cpu_) return;
  if (cpu_ >= 0) ++report_.migrations;
  cpu_ = cpu;
  report_.cpus_used[static_cast<std::size_t>(cpu) / 64] |= 1ULL << (cpu % 64);
}

void Telemetry::checkpoint() {
  const std::uint64_t now = now_ns();
  look_at_cpu();
  if (const std::uint64_t gap = now - last_ns_; gap > report_.max_gap_ns) {
    report_.max_gap_ns = gap;
    report_.max_gap_at_ns = now;
    report_.max_gap_cpu = static_cast<std::uint32_t>(cpu_ < 0 ? 0 : cpu_);
  }
  last_ns_ = now;
}

void Telemetry::woke() {
  last_ns_ = now_ns();
  look_at_cpu();
}

void Telemetry::latency(std::uint64_t ns) {
  const std::uint64_t seen = report_.latency_count++;
  if (reservoir_ == 0) return;
  if (seen < reservoir_) {
    latencies_[seen] = ns;
    report_.latencies_kept = seen + 1;
  } else if (const std::uint64_t slot = random_.below(seen + 1); slot < reservoir_) {
    latencies_[slot] = ns;
  }
}

void Telemetry::finish() {
  look_at_cpu();
  report_.wall_time_ns = now_ns() - report_.start_ns;
  report_.cpu_time_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin_ns_;
  std::uint64_t delay = delay_begin_, count = count_begin_;
  read_schedstat(delay, count);
  report_.run_delay_ns = delay - delay_begin_;
  report_.run_count = count - count_begin_;
  report_.completed = true;
}

}  // namespace ktstr::agent
