// SPDX-License-Identifier: Apache-2.0
#include "agent/scheduler.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/klog.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "agent/doors.hpp"
#include "agent/telemetry.hpp"

namespace ktstr::agent {
namespace {

constexpr const char* kLog = "/run/scheduler.log";
constexpr std::size_t kLogTail = 16 << 10;

void pause_ms(long ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \r\n");
  if (end == std::string::npos) return {};
  const std::size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1) + 1).substr(0, 300);
}

}  // namespace

std::string read_text(const char* path, std::size_t limit) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text(limit, '\0');
  std::size_t have = 0;
  for (ssize_t n = 0; have < limit && (n = ::read(fd, text.data() + have, limit - have)) > 0;) have += static_cast<std::size_t>(n);
  ::close(fd);
  text.resize(have);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string kernel_log(std::size_t limit) {
  std::vector<char> buffer(256 << 10);
  const int n = ::klogctl(3 /* SYSLOG_ACTION_READ_ALL */, buffer.data(), static_cast<int>(buffer.size()));
  if (n <= 0) return {};
  const std::size_t size = static_cast<std::size_t>(n), keep = std::min(size, limit);
  return std::string(buffer.data() + size - keep, keep);
}

std::string Scheduler::state() { return read_text("/sys/kernel/sched_ext/state"); }
std::string Scheduler::ops() { return read_text("/sys/kernel/sched_ext/root/ops"); }
bool Scheduler::switch_all() { return read_text("/sys/kernel/sched_ext/switch_all") == "1"; }

std::string Scheduler::log() const {
  std::string text = read_text(kLog, 4 << 20);
  return text.size() > kLogTail ? text.substr(text.size() - kLogTail) : text;
}

std::string Scheduler::exit_reason() const {
  const std::string text = kernel_log(64 << 10);
  std::string reason;
  for (std::size_t at = text.find("sched_ext: "); at != std::string::npos; at = text.find("sched_ext: ", at + 1)) {
    const std::string line = text.substr(at, std::min<std::size_t>(text.find('\n', at) - at, 300));
    if (line.find("disabled") != std::string::npos || line.find(spec_.name + ":") != std::string::npos) {
      reason = reason.empty() ? line : reason + "; " + line.substr(std::strlen("sched_ext: "));
    }
  }
  return reason.substr(0, 600);
}

bool Scheduler::fail(std::string outcome, std::string message) {
  outcome_ = std::move(outcome);
  message_ = std::move(message);
  return false;
}

bool Scheduler::ended() {
  if (pid_ < 0) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  pid_ = -1;
  exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended_how_ = WIFEXITED(status) ? "exited with status " + std::to_string(WEXITSTATUS(status)) : "was killed by signal " + std::to_string(WTERMSIG(status));
  if (const std::string line = last_line(log()); !line.empty()) ended_how_ += ": " + line;
  return true;
}

bool Scheduler::attach(const std::function<void()>& tick) {
  if (read_text("/sys/kernel/sched_ext/state").empty()) {
    return fail("scheduler_attach_failed", "the kernel has no sched_ext (no /sys/kernel/sched_ext/state)");
  }
  const int log_fd = ::open(kLog, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  const int null_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::vector<char*> arguments;
  for (const std::string& argument : spec_.argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  lock_kernel_down();
  const std::uint64_t begin = now_ns();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    drop_dangerous_capabilities();
    ::dup2(null_fd, 0);
    ::dup2(log_fd, 1);
    ::dup2(log_fd, 2);
    const char* environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp", "TERM=dumb", nullptr};
    ::execve(arguments[0], arguments.data(), const_cast<char**>(environment));
    const std::string problem = "cannot start " + spec_.argv[0] + ": " + std::strerror(errno) + "\n";
    if (::write(2, problem.data(), problem.size()) < 0) ::_exit(126);
    ::_exit(127);
  }
  ::close(log_fd);
  ::close(null_fd);
  if (pid_ < 0) return fail("scheduler_attach_failed", "cannot fork for the scheduler: " + std::string(std::strerror(errno)));
  for (;;) {
    tick();
    if (state() == "enabled") break;
    if (ended()) return fail("scheduler_attach_failed", "the scheduler \"" + spec_.name + "\" " + ended_how_);
    if (now_ns() - begin > spec_.attach_timeout_ms * 1'000'000ULL) {
      const std::string line = last_line(log());
      return fail("scheduler_attach_failed", "the scheduler \"" + spec_.name + "\" runs but sched_ext did not report it enabled within " +
                                                 std::to_string(spec_.attach_timeout_ms) + " ms (state: " + state() + ")" +
                                                 (line.empty() ? "" : "; its last line: " + line));
    }
    pause_ms(2);
  }
  attach_ns_ = now_ns() - begin;
  return true;
}

bool Scheduler::still_attached() {
  const bool enabled = state() == "enabled";
  if (ended()) return fail("scheduler_died", "it " + ended_how_);
  if (!enabled) {
    for (int i = 0; i < 1000 && state() != "disabled"; ++i) pause_ms(2);  // the reason is told at the end of its disabling
    const std::string reason = exit_reason();
    if (reason.find("unregistered from user space") != std::string::npos) {  // its own doing: it is most likely on its way out
      for (int i = 0; i < 1000 && !ended(); ++i) pause_ms(2);
      return fail("scheduler_died", "it " + (pid_ < 0 ? ended_how_ : "let go of sched_ext and was still running 2 s later"));
    }
    return fail("scheduler_ejected", "the kernel ejected the scheduler \"" + spec_.name + "\"" + (reason.empty() ? "" : ": " + reason));
  }
  return true;
}

}  // namespace ktstr::agent
