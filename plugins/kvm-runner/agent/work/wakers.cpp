// SPDX-License-Identifier: Apache-2.0
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/work/functions.hpp"
#include "agent/work/matrices.hpp"
#include "agent/work/placement.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr int kRealTimePriority = 10;

void epoll_producer(WorkContext& c, std::uint64_t events, std::uint64_t pause_ns) {
  constexpr std::uint64_t kOne = 1;
  while (!c.stopped()) {
    for (std::uint64_t event = 0; event < events && !c.stopped(); ++event) {
      c.group.woken_at_ns = now_ns();
      if (::write(c.event_fd, &kOne, sizeof kOne) == sizeof kOne) c.telemetry.count(0);
    }
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
    rest(c, pause_ns);
  }
}

void epoll_consumer(WorkContext& c, std::uint64_t units) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLEXCLUSIVE;  // an event wakes one of those that wait
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, c.event_fd, &event);
  while (!c.stopped()) {
    std::uint64_t one = 0;
    if (::read(c.event_fd, &one, sizeof one) != sizeof one) {
      if (::epoll_wait(epoll, &event, 1, -1) == 1) c.telemetry.latency(time_since(c.group.woken_at_ns));
      c.telemetry.woke();
      continue;
    }
    c.telemetry.count(1);
    spin(c, units);
    c.telemetry.add_iteration();
  }
  ::close(epoll);
}

void herd_waker(WorkContext& c, std::uint64_t interval_ns) {
  while (!c.stopped()) {
    rest(c, interval_ns);
    c.group.woken_at_ns = now_ns();
    c.group.words[0].fetch_add(1, std::memory_order_acq_rel);
    futex_wake(c.group.words[0], static_cast<int>(c.group_size));
    c.telemetry.add_iteration();
  }
}

void herd_waiter(WorkContext& c, std::uint64_t units) {
  std::uint32_t seen = c.group.words[0].load(std::memory_order_acquire);
  while (!c.stopped()) {
    const bool slept = futex_wait(c.group.words[0], seen);
    const std::uint32_t now = c.group.words[0].load(std::memory_order_acquire);
    if (slept && now != seen) c.telemetry.latency(time_since(c.group.woken_at_ns));
    c.telemetry.woke();
    if (now == seen) continue;
    seen = now;
    spin(c, units);
    c.telemetry.add_iteration();
  }
}

}  // namespace

void wake_chain(WorkContext& c) {
  const std::uint64_t units = c.work.count("units");
  if (c.work.text("wake") != "futex") return pass_by_pipe(c, [&] { spin(c, units); });
  const std::uint32_t next = (c.index_in_group + 1) % c.group_size;
  bool my_turn = c.index_in_group == 0;
  while (my_turn || measured_ring(c)) {
    my_turn = false;
    spin(c, units);
    c.telemetry.add_iteration();
    ring(c.group, next, now_ns());
  }
}

void asymmetric_waker(WorkContext& c) {
  const std::uint64_t units = c.work.count("units");
  const bool waker = c.index_in_group == 0;
  if (!set_policy(c.work.text(waker ? "waker" : "wakee"), kRealTimePriority)) c.telemetry.count(0);
  while (!c.stopped()) {
    if (waker) {
      spin(c, units);
      ring(c.group, 1, now_ns());
      if (await_ring(c) == Rung::kNo) break;
    } else {
      if (!measured_ring(c)) break;
      c.telemetry.checkpoint();
      ring(c.group, 0, now_ns());
    }
    c.telemetry.add_iteration();
  }
}

void epoll_storm(WorkContext& c) {
  if (c.index_in_group < c.work.count("producers")) {
    epoll_producer(c, c.work.count("events"), c.work.count("sleep_us") * kMicrosecond);
  } else {
    epoll_consumer(c, c.work.count("units"));
  }
}

void thundering_herd(WorkContext& c) {
  if (c.index_in_group == 0) {
    herd_waker(c, c.work.count("interval_us") * kMicrosecond);
  } else {
    herd_waiter(c, c.work.count("units"));
  }
}

void fan_out_compute(WorkContext& c) {
  const std::uint64_t operations = c.work.count("operations"),
                      think = c.work.count("sleep_us") * kMicrosecond;
  if (c.index_in_group == 0) return fan_out_messenger(c, 0);
  Matrices matrices(c.work.count("cache_kib"));
  fan_out_receiver(c, [&] {
    rest(c, think);
    multiply_matrices(c, matrices, operations);
  });
}

}  // namespace ktstr::agent
