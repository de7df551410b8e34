// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "agent/spec.hpp"

namespace ktstr::agent {

/// The scheduler under test: a process that attaches a sched_ext scheduler and keeps it attached while it lives. Nobody stops it: it goes
/// with the machine.
class Scheduler {
 public:
  explicit Scheduler(SchedulerSpec spec) : spec_(std::move(spec)) {}
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Starts it and waits until sched_ext is enabled; `tick` is called while waiting. False with outcome() and message() set.
  bool attach(const std::function<void()>& tick);
  /// Looks whether it is still in charge. False with outcome() and message() set.
  bool still_attached();

  const std::string& outcome() const { return outcome_; }  ///< "scheduler_attach_failed", "scheduler_died", "scheduler_ejected"
  const std::string& message() const { return message_; }
  std::uint64_t attach_ns() const { return attach_ns_; }
  std::optional<int> exit_status() const { return exit_status_; }
  std::string exit_reason() const;  ///< what the kernel log says of the ejection
  std::string log() const;          ///< the last 16 KiB of its output

  static std::string state();       ///< /sys/kernel/sched_ext/state, or empty
  static std::string ops();         ///< name of the attached scheduler, or empty
  static bool switch_all();

 private:
  bool ended();
  bool fail(std::string outcome, std::string message);

  SchedulerSpec spec_;
  pid_t pid_ = -1;
  std::uint64_t attach_ns_ = 0;
  std::optional<int> exit_status_;
  std::string ended_how_, outcome_, message_;
};

/// The last `limit` bytes of the kernel log.
std::string kernel_log(std::size_t limit);
/// A small file's text without trailing line feeds; empty when it cannot be read.
std::string read_text(const char* path, std::size_t limit = 4096);

}  // namespace ktstr::agent
