// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <chrono>

#include "protocol/mailbox.hpp"

namespace ktstr::kvm {

/// What a guest's threads got of the host's CPUs, and how long they were ready to run and had none.
struct HostShare {
  std::chrono::nanoseconds ran{};
  std::chrono::nanoseconds waited{};
};

/// Of all threads of a process since they began, from /proc/PID/task/*/schedstat (the kernel's run delay,
/// Documentation/scheduler/sched-stats.rst). Zero where the kernel does not count it, or the process is gone.
HostShare host_share(pid_t process);

/// What was added from one moment to a later one; never negative, though threads that end take theirs along.
HostShare since(const HostShare& before, const HostShare& now);

/// Of one process, a guest's, from where its scenario began to where that ended.
class ScenarioShare {
 public:
  explicit ScenarioShare(pid_t process) : process_(process) {}

  void look(Stage stage);  ///< the guest has just come so far
  HostShare finish();      ///< until now where the scenario did not end; zero where it did not begin

 private:
  pid_t process_;
  Stage seen_ = Stage::kNone;
  HostShare begin_, whole_;
};

}  // namespace ktstr::kvm
