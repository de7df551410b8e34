// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
//
// How long sched_ext's watchdog lets a task wait. The limit belongs to the scheduler (`timeout_ms` of its
// ops, 30 s when it says nothing) and is copied when the scheduler hands its ops to the kernel. While an
// object of this class lives, a BPF program at the entrance of the system call puts our limit into the
// scheduler's memory just before that copy is made; after that nothing is left of it. Works for programs of
// any language, statically linked ones too.
#pragma once
#include <cstdint>
#include <string>

namespace ktstr::agent {

class Watchdog {
 public:
  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// `always`: also in place of a shorter limit of the scheduler's own. Says why when it could not be done;
  /// empty when fine.
  std::string limit(std::uint32_t milliseconds, bool always);

 private:
  int program_ = -1, attached_ = -1;
};

}  // namespace ktstr::agent
