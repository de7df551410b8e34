// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "agent/work/functions.hpp"
#include "agent/work/placement.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {

void cgroup_churn(WorkContext& c) {
  const std::uint64_t stay = c.work.count("stay_us") * kMicrosecond;
  const SiblingCgroup sibling;
  for (bool beside = true; !c.stopped(); beside = !beside) {
    c.telemetry.count(sibling.enter(::getpid(), beside) ? 0 : 1);
    c.telemetry.checkpoint();
    spin_for(c, stay);
    c.telemetry.add_iteration();
  }
}

// The children end after different times, so that some are attached while they run, some while they exit.
void cgroup_attach_storm(WorkContext& c) {
  const std::uint64_t children = c.work.count("children"), pause = c.work.count("sleep_us") * kMicrosecond;
  const SiblingCgroup sibling;
  while (!c.stopped()) {
    std::vector<pid_t> pids;
    for (std::uint64_t child = 0; child < children && !c.stopped(); ++child) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        for (std::uint64_t yields = 0; yields < child; ++yields) ::sched_yield();
        ::_exit(0);
      }
      if (pid > 0) pids.push_back(pid);
      c.telemetry.checkpoint();
    }
    for (const pid_t pid : pids) {
      c.telemetry.count(sibling.enter(pid, true) ? 0 : 1);
      c.telemetry.checkpoint();
    }
    for (const pid_t pid : pids) {
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
      c.telemetry.woke();
    }
    c.telemetry.add_units(pids.size());
    c.telemetry.add_iteration();
    rest(c, pause);
  }
}

}  // namespace ktstr::agent
