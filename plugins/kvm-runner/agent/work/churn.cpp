// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/work/functions.hpp"
#include "agent/work/placement.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint64_t kNiceBurst = 1024;
constexpr std::uint64_t kAfterFailure = kMillisecond;  // when the kernel has no more tasks

/// The end of a round: what it changed is counted, and the scheduler gets a say.
void count_change(WorkContext& c, bool changed) {
  c.telemetry.count(changed ? 0 : 1);
  ::sched_yield();
  c.telemetry.woke();
  c.telemetry.add_iteration();
}

}  // namespace

void fork_exit(WorkContext& c) {
  while (!c.stopped()) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    if (child < 0) {
      rest(c, kAfterFailure);
      continue;
    }
    c.telemetry.checkpoint();
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    c.telemetry.woke();
    c.telemetry.add_units(1);
    c.telemetry.add_iteration();
  }
}

void nice_sweep(WorkContext& c) {
  for (int nice = -20; !c.stopped(); nice = nice < 19 ? nice + 1 : -20) {
    const bool changed = ::setpriority(PRIO_PROCESS, 0, nice) == 0;
    spin(c, kNiceBurst);
    count_change(c, changed);
  }
}

void affinity_churn(WorkContext& c) {
  const std::uint64_t units = c.work.count("units");
  const std::vector<std::uint32_t> cpus = allowed_cpus();
  while (!c.stopped()) {
    spin(c, units);
    count_change(c, !cpus.empty() && bind_to({cpus[c.random.below(cpus.size())]}));
  }
}

void cross_affinity_churn(WorkContext& c) {
  const std::uint64_t units = c.work.count("units");
  const std::vector<std::uint32_t> all = allowed_cpus();
  std::vector<std::uint32_t> fewer = all;
  if (fewer.size() > 1)
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(c.random.below(fewer.size())));
  const std::size_t members = std::min<std::size_t>(c.group_size, c.group.pids.size());
  for (bool take_one = true; !c.stopped(); take_one = !take_one) {
    spin(c, units);
    for (std::size_t member = 0; member < members; ++member) {
      const pid_t pid = c.group.pids[member];
      if (member != c.index_in_group && pid != 0)
        c.telemetry.count(bind_to(take_one ? fewer : all, pid) ? 0 : 1);
    }
    ::sched_yield();
    c.telemetry.woke();
    c.telemetry.add_iteration();
  }
}

void policy_churn(WorkContext& c) {
  constexpr std::string_view kPolicies[] = {"normal", "batch", "idle", "fifo", "rr", "ext"};
  const std::uint64_t units = c.work.count("units");
  const bool has_ext = set_policy("ext", 0);
  const std::size_t policies = std::size(kPolicies) - (has_ext ? 0 : 1);
  for (std::size_t next = 0; !c.stopped(); next = (next + 1) % policies) {
    const bool changed = set_policy(kPolicies[next], 1);
    spin(c, units);
    count_change(c, changed);
  }
}

}  // namespace ktstr::agent
