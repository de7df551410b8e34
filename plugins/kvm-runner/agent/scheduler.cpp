// SPDX-License-Identifier: Apache-2.0
#include "agent/scheduler.hpp"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ktstr/kit/assert.hpp>
#include <vector>

#include "agent/doors.hpp"
#include "agent/files.hpp"
#include "agent/programs.hpp"
#include "agent/telemetry.hpp"
#include "agent/watchdog.hpp"

namespace ktstr::agent {

using kvm::AgentOutcome;
using kvm::SchedulerCause;

namespace {

constexpr const char* kOutput = "/run/scheduler.log";
constexpr const char* kDirectory = "/opt/ktstr/work";
constexpr int kLastWordsMs = 3000;
constexpr int kReasonMs = 2000;                     // for the kernel to say why it ended a scheduler
constexpr int kDisablingMs = 10'000;                // the same while it is still at it
constexpr std::uint64_t kPatienceWithOutput = 12;   // limits that one who goes on printing may take
constexpr std::uint64_t kLongestLook = 20'000'000;  // ns of waiting that one look at the clock adds at most

void pause_ms(long ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

/// What a process is doing, for people: "is running", "sleeps in do_sys_poll".
std::string where_it_stands(pid_t pid) {
  const std::string process = "/proc/" + std::to_string(pid) + "/";
  const std::string stat = read_text((process + "stat").c_str());
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string::npos) return "is gone";
  if (stat[name_end + 2] == 'R') return "is running";
  const std::string place = read_text((process + "wchan").c_str());
  return place.empty() || place == "0" ? "sleeps" : "sleeps in " + place;
}

/// A process that somebody left behind and that pid 1 has inherited; -1 when there is none but `known`.
pid_t left_behind(pid_t known) {
  const std::string children = read_text("/proc/1/task/1/children");
  for (std::size_t at = 0; at < children.size();) {
    const std::size_t end = std::min(children.find(' ', at), children.size());
    const pid_t pid = static_cast<pid_t>(std::atol(children.substr(at, end - at).c_str()));
    if (pid > 0 && pid != known) return pid;
    at = end + 1;
  }
  return -1;
}

}  // namespace

bool AttachClock::look(std::uint64_t now_ns, std::uint64_t printed) {
  const std::uint64_t step = std::min(now_ns - std::min(last_ns_, now_ns), kLongestLook);
  last_ns_ = now_ns;
  total_ns_ += step;
  waited_ns_ = printed > printed_ ? 0 : waited_ns_ + step;
  printed_ = printed;
  return waited_ns_ > limit_ns_ || total_ns_ > kPatienceWithOutput * limit_ns_;
}

std::string Scheduler::state() { return read_text("/sys/kernel/sched_ext/state"); }
std::string Scheduler::ops() { return read_text("/sys/kernel/sched_ext/root/ops"); }
bool Scheduler::switch_all() { return read_text("/sys/kernel/sched_ext/switch_all") == "1"; }

bool Scheduler::fail(AgentOutcome outcome, std::string message) {
  outcome_ = outcome;
  message_ = std::move(message);
  return false;
}

bool Scheduler::ended() {
  if (pid_ < 0) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  was_ = pid_;
  pid_ = -1;
  exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended_how_ = WIFEXITED(status) ? "it exited with status " + std::to_string(WEXITSTATUS(status))
                                 : "it was killed by signal " + std::to_string(WTERMSIG(status)) + " (" +
                                       ::strsignal(WTERMSIG(status)) + ")";
  if (killed_for_memory(kernel_.poll(), was_)) {
    cause_ = SchedulerCause::kOutOfMemory;
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    cause_ = SchedulerCause::kLeftForeground;
  }
  return true;
}

/// For a process that has ended: what it did, and what the kernel has against it.
bool Scheduler::fail_ended(AgentOutcome outcome) {
  KTSTR_ASSERT(pid_ < 0 && !ended_how_.empty());
  if (cause_ == SchedulerCause::kLeftForeground &&
      outcome == AgentOutcome::kSchedulerAttachFailed) {  // later there are workers, which are ours
    if (const pid_t pid = left_behind(was_); pid > 0)
      ended_how_ += " and went on in the background as process " + std::to_string(pid);
  }
  if (exit_reason_.empty()) exit_reason_ = last_complaint(kernel_.poll());
  return fail(outcome, ended_how_);
}

bool Scheduler::fail_timed_out(std::uint64_t waited_ms) {
  cause_ = SchedulerCause::kTimeOut;
  exit_reason_ = last_complaint(kernel_.poll());
  return fail(AgentOutcome::kSchedulerAttachFailed, "sched_ext was still " + state() + " after " +
                                                        std::to_string(waited_ms) + " ms: its main thread " +
                                                        where_it_stands(pid_));
}

/// Some schedulers look only once a second whether the kernel has thrown them out, and then print why.
void Scheduler::await_last_words() {
  for (int waited = 0; waited < kLastWordsMs && !ended(); waited += 10) {
    tick_();
    output_.trim();
    pause_ms(10);
  }
}

std::optional<Ejection> Scheduler::ejection_soon(int patience_ms) {
  std::optional<Ejection> found = find_ejection(kernel_.poll());
  for (int waited = 0;
       !found && waited < (state() == "disabling" ? std::max(patience_ms, kDisablingMs) : patience_ms);
       waited += 2) {
    tick_();
    pause_ms(2);
    found = find_ejection(kernel_.poll());
  }
  return found;
}

/// One line of the kernel says that the scheduler is disabled, the next one why, and the state changes after
/// both: who is quick reads the first alone.
std::string Scheduler::whole_reason(Ejection told) {
  for (int waited = 0; told.message.empty() && state() != "disabled" && waited < kReasonMs; waited += 2) {
    tick_();
    pause_ms(2);
    told = find_ejection(kernel_.poll()).value_or(told);
  }
  return find_ejection(kernel_.poll()).value_or(told).text();
}

bool Scheduler::start() {
  KTSTR_ASSERT(!spec_.argv.empty());
  ::mkdir(kDirectory, 0755);
  output_.open(kOutput);
  const int null_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::vector<std::string> variables = with_usual_environment(spec_.environment);
  const std::vector<char*> arguments = pointers_to(spec_.argv), environment = pointers_to(variables);
  lock_kernel_down();  // not before: the watchdog's program could not be loaded any more
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    drop_dangerous_capabilities();
    ::dup2(null_fd, 0);
    ::dup2(output_.fd(), 1);
    ::dup2(output_.fd(), 2);
    if (::chdir(kDirectory) != 0) ::_exit(125);
    ::execve(arguments[0], arguments.data(), environment.data());
    const std::string problem = "cannot start " + spec_.argv[0] + ": " + ::strerror(errno) + "\n";
    if (::write(2, problem.data(), problem.size()) < 0) ::_exit(126);
    ::_exit(127);
  }
  ::close(null_fd);
  return pid_ >= 0 || fail(AgentOutcome::kSchedulerAttachFailed,
                           "cannot fork for the scheduler: " + std::string(::strerror(errno)));
}

void Scheduler::become(SchedulerSpec spec) {
  spec_ = std::move(spec);
  exit_status_.reset();
}

bool Scheduler::attach() {
  if (state().empty())
    return fail(AgentOutcome::kSchedulerAttachFailed,
                "the kernel has no sched_ext (no /sys/kernel/sched_ext/state)");
  kernel_.begin();
  Watchdog watchdog;
  if (const std::string problem = watchdog.limit(spec_.watchdog_timeout_ms, spec_.watchdog_always);
      !problem.empty()) {
    write_text("/dev/kmsg", "ktstr: sched_ext's watchdog keeps the scheduler's own limit: " + problem + "\n");
  }
  const std::uint64_t begin = now_ns();
  if (!start()) return false;
  AttachClock clock(spec_.attach_timeout_ms, begin);
  for (;;) {
    tick_();
    output_.trim();
    if (state() == "enabled") break;
    // The kernel reports success to whoever attaches and fails later: an `init` that fails shows here only.
    if (const std::optional<Ejection> refusal = find_ejection(kernel_.poll())) {
      exit_reason_ = whole_reason(*refusal);
      await_last_words();
      return fail(AgentOutcome::kSchedulerAttachFailed, "");
    }
    if (ended()) return fail_ended(AgentOutcome::kSchedulerAttachFailed);
    if (clock.look(now_ns(), output_.size())) return fail_timed_out((now_ns() - begin) / 1'000'000);
    pause_ms(2);
  }
  attach_ns_ = now_ns() - begin;
  return true;
}

std::string Scheduler::detach() {
  constexpr int kPatienceMs = 2000;
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    if (ended()) break;
    ::kill(-pid_, signal);
    for (int waited = 0; waited < kPatienceMs && !ended(); waited += 2) {
      tick_();
      output_.trim();
      pause_ms(2);
    }
  }
  for (int waited = 0; waited < kPatienceMs && state() != "disabled"; waited += 2) {
    tick_();
    pause_ms(2);
  }
  exit_status_.reset();
  cause_ = SchedulerCause::kNone;
  return state() == "disabled" ? std::string()
                               : "sched_ext is still " + state() + " after the scheduler ended";
}

bool Scheduler::still_attached() {
  if (outcome_ != AgentOutcome::kOk) return false;
  const bool enabled = state() == "enabled";
  if (!ended() && enabled) return true;
  // Its reason is told at the end of sched_ext's disabling.
  const std::optional<Ejection> ejection = ejection_soon(kReasonMs);
  if (ejection) exit_reason_ = whole_reason(*ejection);
  if (ejection && !ejection->own_doing()) {
    await_last_words();
    return fail(AgentOutcome::kSchedulerEjected, "");
  }
  await_last_words();
  exit_reason_.clear();
  return pid_ < 0
             ? fail_ended(AgentOutcome::kSchedulerDied)
             : fail(AgentOutcome::kSchedulerDied, "it let go of sched_ext and was still running 3 s later");
}

}  // namespace ktstr::agent
