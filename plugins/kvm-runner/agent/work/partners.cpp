// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "agent/work/functions.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {

void fan_out_messenger(WorkContext& c, std::uint64_t units) {
  const std::uint32_t receivers = c.group_size - 1;
  while (!c.stopped()) {
    spin(c, units);
    c.group.words[1].store(0, std::memory_order_release);
    c.group.woken_at_ns = now_ns();
    c.group.words[0].fetch_add(1, std::memory_order_acq_rel);
    futex_wake(c.group.words[0], static_cast<int>(receivers));
    for (std::uint32_t have = c.group.words[1].load(std::memory_order_acquire);
         have < receivers && !c.stopped(); have = c.group.words[1].load(std::memory_order_acquire)) {
      futex_wait(c.group.words[1], have);
    }
    c.telemetry.woke();
    c.telemetry.add_iteration();
  }
}

void fan_out_receiver(WorkContext& c, const std::function<void()>& work) {
  std::uint32_t handled = 0;
  while (!c.stopped()) {
    const std::uint32_t generation = c.group.words[0].load(std::memory_order_acquire);
    if (generation == handled) {
      const bool slept = futex_wait(c.group.words[0], generation);
      if (slept && c.group.words[0].load(std::memory_order_acquire) != generation)
        c.telemetry.latency(time_since(c.group.woken_at_ns));
      c.telemetry.woke();
      continue;
    }
    handled = generation;
    work();
    c.telemetry.add_iteration();
    if (c.group.words[1].fetch_add(1, std::memory_order_acq_rel) + 1 == c.group_size - 1) {
      c.group.answered_at_ns = now_ns();
      futex_wake(c.group.words[1], 1);
    }
  }
}

void pass_by_pipe(WorkContext& c, const std::function<void()>& work) {
  char byte = 1;
  bool my_turn = c.index_in_group == 0;
  while (!c.stopped()) {
    if (my_turn) {
      work();
      c.group.woken_at_ns = now_ns();
      if (::write(c.write_fd, &byte, 1) != 1) continue;
    }
    my_turn = ::read(c.read_fd, &byte, 1) == 1;
    if (my_turn) {
      c.telemetry.latency(time_since(c.group.woken_at_ns));
      c.telemetry.woke();
      c.telemetry.add_iteration();
    }
  }
}

void pipe_io(WorkContext& c) {
  pass_by_pipe(c, [&] { spin(c, c.work.count("units")); });
}

void futex_ping_pong(WorkContext& c) {
  const std::uint64_t units = c.work.count("units");
  const std::uint32_t me = c.index_in_group, partner = 1 - me;
  while (!c.stopped()) {
    const std::uint32_t turn = c.group.words[0].load(std::memory_order_acquire);
    if (turn != me) {
      const bool slept = futex_wait(c.group.words[0], turn);
      if (slept && c.group.words[0].load(std::memory_order_acquire) == me)
        c.telemetry.latency(time_since(c.group.woken_at_ns));
      c.telemetry.woke();
      continue;
    }
    spin(c, units);
    c.telemetry.add_iteration();
    c.group.woken_at_ns = now_ns();
    c.group.words[0].store(partner, std::memory_order_release);
    futex_wake(c.group.words[0], 1);
  }
}

void futex_fan_out(WorkContext& c) {
  const std::uint64_t units = c.work.count("units");
  if (c.index_in_group == 0) return fan_out_messenger(c, units);
  fan_out_receiver(c, [&] { spin(c, units); });
}

}  // namespace ktstr::agent
