// SPDX-License-Identifier: Apache-2.0
#include <sched.h>

#include "agent/work/functions.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {

void spin_wait(WorkContext& c) {
  const std::uint64_t units = c.work.count("units");
  while (!c.stopped()) {
    spin(c, units);
    c.telemetry.add_iteration();
  }
}

void spin_and_yield(WorkContext& c) {
  const std::uint64_t units = c.work.count("units");
  while (!c.stopped()) {
    spin(c, units);
    ::sched_yield();
    c.telemetry.woke();
    c.telemetry.add_iteration();
  }
}

void bursty(WorkContext& c) {
  const std::uint64_t busy = c.work.count("busy_us") * 1000, rest = c.work.count("sleep_us") * 1000;
  while (!c.stopped()) {
    // Up to an eighth more or less, so that workers do not march in step.
    spin_for(c, busy - busy / 8 + c.random.below(busy / 4 + 1));
    timed_rest(c, rest);
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
