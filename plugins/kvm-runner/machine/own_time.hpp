// SPDX-License-Identifier: Apache-2.0
//
// How long a guest had to show that it lives. In virtual time a busy host changes nothing of what a guest
// does, only how long that takes: it must not be told as a guest that hangs.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>

namespace ktstr::kvm {

/// What of `wall` was a process's own: all of it while its threads slept, for nobody kept them from what they
/// waited for; else what they ran.
std::chrono::nanoseconds own_part(std::chrono::nanoseconds wall, std::chrono::nanoseconds ran,
                                  bool wants_cpu);

/// Whether a thread of the process runs, is kept from running, or waits for a disk of the host's.
bool wants_cpu(pid_t process);

/// A clock that stands while the host has no time for a process.
class OwnTime {
 public:
  using Clock = std::chrono::steady_clock;

  /// Without a process it is the host's clock.
  OwnTime(std::optional<pid_t> process, Clock::time_point begin);

  /// Since the beginning, as of the last slice that is over.
  std::chrono::nanoseconds look(Clock::time_point now);

 private:
  std::optional<pid_t> process_;
  Clock::time_point begin_, slice_;
  std::chrono::nanoseconds ran_{}, own_{};
};

}  // namespace ktstr::kvm
