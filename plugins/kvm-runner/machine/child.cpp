// SPDX-License-Identifier: Apache-2.0
#include "machine/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace ktstr::kvm {

namespace {

/// The CPUs that we may use, one after the other, so that children side by side do not meet.
cpu_set_t next_cpu() {
  static std::atomic<unsigned> next{static_cast<unsigned>(::getpid())};
  cpu_set_t allowed, one;
  CPU_ZERO(&one);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0) return allowed;
  unsigned skip = next++ % static_cast<unsigned>(CPU_COUNT(&allowed));
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    if (skip-- == 0) {
      CPU_SET(cpu, &one);
      break;
    }
  }
  return one;
}

}  // namespace

Child::Child(const std::vector<std::string>& argv, const std::filesystem::path& output, Placement placement,
             const std::vector<int>& inherited) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const Fd out(::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const Fd in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  int pipe_ends[2] = {-1, -1};  // carries errno of a failed exec; closed by a successful one
  if (!out.open() || !in.open() || ::pipe2(pipe_ends, O_CLOEXEC) != 0) {
    throw_file_error("cannot start", argv.front());
  }
  Fd result(pipe_ends[0]), report(pipe_ends[1]);
  const pid_t parent = ::getpid();
  const cpu_set_t cpu = placement == Placement::kOneCpu ? next_cpu() : cpu_set_t{};
  const sched_param realtime{2};

  pid_ = ::fork();
  if (pid_ == 0) {  // only async-signal-safe calls from here
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGCHLD, SIGXFSZ}) ::signal(number, SIG_DFL);
    for (const int fd : inherited) ::fcntl(fd, F_SETFD, 0);
    if (placement == Placement::kOneCpu) {
      ::sched_setaffinity(0, sizeof cpu, &cpu);
      ::sched_setscheduler(0, SCHED_RR, &realtime);  // calm_main_thread tells whether it was permitted
    }
    ::dup2(in.get(), 0);
    ::dup2(out.get(), 1);
    ::dup2(out.get(), 2);
    ::execvp(arguments[0], arguments.data());
    const int error = errno;
    if (::write(report.get(), &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
  }
  if (pid_ < 0) throw_file_error("cannot start", argv.front());
  report.reset();
  int error = 0;
  ssize_t n = 0;
  do {
    n = ::read(result.get(), &error, sizeof error);
  } while (n < 0 && errno == EINTR);
  if (n == static_cast<ssize_t>(sizeof error)) {
    reap(0);
    throw FileError("cannot start " + argv.front() + ": " + std::strerror(error));
  }
  pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Child::~Child() { kill(); }

void Child::reap(int options) {
  if (ended_ || pid_ <= 0) return;
  int status = 0;
  pid_t got = 0;
  rusage used{};
  do {
    got = ::wait4(pid_, &status, options, &used);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return;
  ended_ = true;
  exit_status_ = -1;
  if (got < 0) return;  // somebody else has reaped it, or nobody was to: it is gone, and how it ended with it
  for (const timeval& time : {used.ru_utime, used.ru_stime})
    cpu_time_ += std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  if (WIFSIGNALED(status)) signal_ = WTERMSIG(status);
  if (WIFEXITED(status)) exit_status_ = WEXITSTATUS(status);
}

bool Child::wait_for(std::chrono::milliseconds time) {
  if (ended_) return true;
  // Without a pidfd (an old kernel, a strict sandbox) this is a sleep.
  pollfd entry{pidfd_.get(), POLLIN, 0};
  ::poll(&entry, 1, static_cast<int>(time.count()));
  reap(WNOHANG);
  return ended_;
}

bool Child::calm_main_thread() {
  if (::sched_getscheduler(pid_) != SCHED_RR) return false;
  const sched_param after{1};
  return ::sched_setscheduler(pid_, SCHED_RR, &after) == 0;
}

void Child::kill() {
  if (ended_ || pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  reap(0);
}

std::string run_command(const std::vector<std::string>& argv, std::chrono::milliseconds limit,
                        const std::atomic<bool>& cancel) {
  std::string pattern = (std::filesystem::temp_directory_path() / "ktstr-out-XXXXXX").string();
  const Fd fd(::mkostemp(pattern.data(), O_CLOEXEC));
  if (!fd.open()) throw_file_error("cannot make the temporary file", pattern);
  struct Remove {
    const std::string& path;
    ~Remove() { ::unlink(path.c_str()); }
  } remove{pattern};
  Child child(argv, pattern);
  for (const auto end = std::chrono::steady_clock::now() + limit;
       !child.wait_for(std::chrono::milliseconds(50));) {
    if (cancel) throw Cancelled{};
    if (std::chrono::steady_clock::now() > end)
      throw FileError(argv.front() + " did not end within " + std::to_string(limit.count() / 1000) + " s");
  }
  std::string text = read_tail(pattern, 64 << 10);
  if (child.signal() != 0 || child.exit_status() != 0)
    throw FileError(argv.front() + " failed: " +
                    text.substr(0, std::min<std::size_t>(text.find_last_not_of(" \n") + 1, 300)));
  return text;
}

}  // namespace ktstr::kvm
