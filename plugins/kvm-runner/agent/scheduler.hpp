// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "agent/kernel_messages.hpp"
#include "agent/output_file.hpp"
#include "agent/spec.hpp"
#include "protocol/result_rows.hpp"

namespace ktstr::agent {

/// The scheduler under test: a process that attaches a sched_ext scheduler and keeps it attached while it
/// lives. Unless the scenario says so, nobody stops it: it goes with the machine.
class Scheduler {
 public:
  /// `tick` is called while the agent waits for something of the scheduler.
  Scheduler(SchedulerSpec spec, std::function<void()> tick)
      : spec_(std::move(spec)), tick_(std::move(tick)) {}
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// From now on it is another one; none may be in force.
  void become(SchedulerSpec spec);
  const std::string& name() const { return spec_.name; }
  /// Starts it and waits until sched_ext is enabled. False with outcome(), message() and cause() set.
  bool attach();
  /// Ends it as its owner would (SIGINT, then SIGTERM, then SIGKILL) and waits until the kernel's own
  /// scheduler has taken over. Empty, or what went wrong. attach() may follow.
  std::string detach();
  /// Looks whether it is still in charge. False with outcome(), message() and cause() set.
  bool still_attached();
  /// Keeps what it prints within bounds; true when it prints so much that this should be called again soon.
  bool trim_output() { return output_.trim(); }

  kvm::AgentOutcome outcome() const { return outcome_; }  ///< kOk: it has not failed
  const std::string& message() const {
    return message_;
  }  ///< what the process did; empty when the kernel's reason says it all
  kvm::SchedulerCause cause() const { return cause_; }
  std::uint64_t attach_ns() const { return attach_ns_; }
  std::optional<int> exit_status() const { return exit_status_; }
  const std::string& exit_reason() const {
    return exit_reason_;
  }  ///< what the kernel says of the end of sched_ext's rule
  std::string log() const { return output_.text(); }
  /// How long a task can wait without the kernel noticing.
  std::uint64_t notice_ms() const { return spec_.watchdog_timeout_ms + spec_.watchdog_timeout_ms / 2 + 1000; }

  static std::string state();  ///< /sys/kernel/sched_ext/state, or empty
  static std::string ops();    ///< name of the attached scheduler, or empty
  static bool switch_all();

 private:
  bool start();
  bool ended();
  bool fail(kvm::AgentOutcome outcome, std::string message);
  bool fail_ended(kvm::AgentOutcome outcome);
  bool fail_timed_out(std::uint64_t waited_ms);
  std::optional<Ejection> ejection_soon(int patience_ms);
  std::string whole_reason(Ejection told);
  void await_last_words();

  SchedulerSpec spec_;
  std::function<void()> tick_;
  pid_t pid_ = -1, was_ = -1;
  std::uint64_t attach_ns_ = 0;
  std::optional<int> exit_status_;
  kvm::AgentOutcome outcome_ = kvm::AgentOutcome::kOk;
  kvm::SchedulerCause cause_ = kvm::SchedulerCause::kNone;
  std::string ended_how_, message_, exit_reason_;
  KernelMessages kernel_;
  OutputFile output_;
};

/// Counts the time that a starting scheduler has had. An overloaded host makes everything slower and the wait
/// longer: one look adds only so much. Output is a sign of life that begins the wait anew, up to four times
/// the limit in total.
class AttachClock {
 public:
  AttachClock(std::uint64_t limit_ms, std::uint64_t now_ns)
      : limit_ns_(limit_ms * 1'000'000ULL), last_ns_(now_ns) {}
  /// True when the time is up.
  bool look(std::uint64_t now_ns, std::uint64_t printed);

 private:
  std::uint64_t limit_ns_, last_ns_, waited_ns_ = 0, total_ns_ = 0, printed_ = 0;
};

}  // namespace ktstr::agent
