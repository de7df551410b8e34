// SPDX-License-Identifier: Apache-2.0
//
// The plain parts of a result, and the words in it. The agent's writer (agent/result_writer.hpp) and the
// runner's reader (result/rows_reader.hpp) go through the same rows: a new field is a member and a row here.
// A row is a name, a member and, for texts and numbers, the largest that the runner takes. All texts are
// untrusted.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ktstr::kvm {

inline constexpr std::uint64_t kLargestCounter = 1ULL << 50U;  ///< keeps sums over all workers in range
inline constexpr std::uint64_t kLongestLine = 4096, kLongestName = 256;  ///< bytes
inline constexpr std::uint64_t kLongestLog = 256U << 10U;  ///< 64 KiB, every byte replaced, and some

enum class AgentOutcome {
  kOk,
  kSpecError,
  kSetupError,
  kOperationFailed,
  kUnsupported,  ///< the kernel lacks something that the test needs
  kSchedulerAttachFailed,
  kSchedulerDied,
  kSchedulerEjected,
  kAgentError,
};

/// Why a scheduler failed, where the agent knows and people can do something about it.
enum class SchedulerCause { kNone, kOutOfMemory, kLeftForeground, kTimeOut };

/// The words for the values of an enumeration.
template <typename Value>
struct Words;
template <>
struct Words<AgentOutcome> {
  static constexpr std::string_view kind = "outcome";
  static constexpr std::pair<std::string_view, AgentOutcome> all[] = {
      {"ok", AgentOutcome::kOk},
      {"spec_error", AgentOutcome::kSpecError},
      {"setup_error", AgentOutcome::kSetupError},
      {"operation_failed", AgentOutcome::kOperationFailed},
      {"unsupported", AgentOutcome::kUnsupported},
      {"scheduler_attach_failed", AgentOutcome::kSchedulerAttachFailed},
      {"scheduler_died", AgentOutcome::kSchedulerDied},
      {"scheduler_ejected", AgentOutcome::kSchedulerEjected},
      {"agent_error", AgentOutcome::kAgentError}};
};
template <>
struct Words<SchedulerCause> {
  static constexpr std::string_view kind = "cause";
  static constexpr std::pair<std::string_view, SchedulerCause> all[] = {
      {"", SchedulerCause::kNone},
      {"out_of_memory", SchedulerCause::kOutOfMemory},
      {"left_foreground", SchedulerCause::kLeftForeground},
      {"time_out", SchedulerCause::kTimeOut}};
};

template <typename Value>
constexpr std::string_view word_of(Value value) {
  for (const auto& [word, known] : Words<Value>::all) {
    if (known == value) return word;
  }
  return {};
}

/// One run of a payload.
struct PayloadRun {
  std::uint64_t payload = 0;                ///< of the test's scenario
  std::optional<std::int64_t> exit_status;  ///< nothing: a signal ended it
  std::optional<std::int64_t> signal;
  bool stopped = false;  ///< the agent ended it
  std::uint64_t start_ns = 0, end_ns = 0;
  std::string output, errors;  ///< long ones without their middle

  template <typename Row>
  static void rows(Row&& row) {
    row("payload", &PayloadRun::payload, kLargestCounter);
    row("exit_status", &PayloadRun::exit_status);
    row("signal", &PayloadRun::signal);
    row("stopped", &PayloadRun::stopped);
    row("start_ns", &PayloadRun::start_ns, UINT64_MAX);
    row("end_ns", &PayloadRun::end_ns, UINT64_MAX);
    row("output", &PayloadRun::output, kLongestLog);
    row("errors", &PayloadRun::errors, kLongestLog);
  }
};

struct SchedulerReport {
  std::string name;  ///< of the one that was in force last
  std::string ops, state, exit_reason, log;
  SchedulerCause cause = SchedulerCause::kNone;
  std::uint64_t switched = 0;  ///< workers that sched_ext had under it at the scenario's end
  bool switch_all = false;
  std::uint64_t attach_ns = 0;
  std::optional<std::int64_t> exit_status;

  template <typename Row>
  static void rows(Row&& row) {
    row("name", &SchedulerReport::name, kLongestName);
    row("ops", &SchedulerReport::ops, kLongestName);
    row("state", &SchedulerReport::state, 64);
    row("switch_all", &SchedulerReport::switch_all);
    row("attach_ns", &SchedulerReport::attach_ns, UINT64_MAX);
    row("exit_status", &SchedulerReport::exit_status);
    row("exit_reason", &SchedulerReport::exit_reason, kLongestLine);
    row("cause", &SchedulerReport::cause);
    row("switched", &SchedulerReport::switched, kLargestCounter);
    row("log", &SchedulerReport::log, kLongestLog);
  }
};

/// What a number of the scheduler's was at the scenario's end, of those that its metrics ask the agent for.
struct SchedulerReading {
  std::string name;                    ///< of the metric
  std::optional<std::int64_t> number;  ///< of a variable or a map
  std::string answer;                  ///< of a socket
  std::string problem;                 ///< why there is neither

  template <typename Row>
  static void rows(Row&& row) {
    row("name", &SchedulerReading::name, kLongestName);
    row("number", &SchedulerReading::number);
    row("answer", &SchedulerReading::answer, kLongestLog);
    row("problem", &SchedulerReading::problem, kLongestLine);
  }
};

struct BpfProgram {
  std::string name;
  std::uint64_t verified_insns = 0, run_count = 0, run_ns = 0;
  std::uint64_t count_before = 0, ns_before = 0;  ///< when the scenario began

  template <typename Row>
  static void rows(Row&& row) {
    row("name", &BpfProgram::name, kLongestName);
    row("verified_insns", &BpfProgram::verified_insns, kLargestCounter);
    row("run_count", &BpfProgram::run_count, kLargestCounter);
    row("run_ns", &BpfProgram::run_ns, UINT64_MAX);
    row("count_before", &BpfProgram::count_before, UINT64_MAX);
    row("ns_before", &BpfProgram::ns_before, UINT64_MAX);
  }
};

/// A task that was there when something went wrong.
struct GuestTask {
  std::int64_t tid = 0, pid = 0;
  std::string name, state;   ///< "R", "S", "D", …
  std::uint64_t cpu = 0;     ///< where it ran last
  std::uint64_t policy = 0;  ///< SCHED_*
  std::string wchan;         ///< function of the kernel that it waits in; empty: it does not wait
  std::string stack;         ///< of the kernel, a line for each function

  template <typename Row>
  static void rows(Row&& row) {
    row("tid", &GuestTask::tid);
    row("pid", &GuestTask::pid);
    row("name", &GuestTask::name, 64);
    row("state", &GuestTask::state, 8);
    row("cpu", &GuestTask::cpu, UINT64_MAX);
    row("policy", &GuestTask::policy, UINT64_MAX);
    row("wchan", &GuestTask::wchan, kLongestName);
    row("stack", &GuestTask::stack, 16U << 10U);
  }
};

/// What all workers of a set had done when a phase began.
struct SetNumbers {
  std::uint64_t iterations = 0, migrations = 0, run_delay_ns = 0;

  template <typename Row>
  static void rows(Row&& row) {
    row("iterations", &SetNumbers::iterations, kLargestCounter);
    row("migrations", &SetNumbers::migrations, kLargestCounter);
    row("run_delay_ns", &SetNumbers::run_delay_ns, kLargestCounter);
  }
};

}  // namespace ktstr::kvm
