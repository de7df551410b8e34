// SPDX-License-Identifier: Apache-2.0
#include "machine/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/child.hpp>
#include <ktstr/kit/process.hpp>

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
  KTSTR_ASSERT(!argv.empty());
  const std::vector<char*> arguments = kit::pointers_to(argv);
  const kit::Fd out(::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const kit::Fd in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  kit::Pipe result;  // carries errno of a failed exec; closed by a successful one
  if (!out.open() || !in.open() || !result.open()) throw_file_error("cannot start", argv.front());
  const pid_t parent = ::getpid();
  const cpu_set_t cpu = placement == Placement::kOneCpu ? next_cpu() : cpu_set_t{};
  const sched_param realtime{2};

  pid_ = ::fork();
  if (pid_ == 0) {  // only async-signal-safe calls from here
    for (const int fd : inherited) ::fcntl(fd, F_SETFD, 0);
    if (placement == Placement::kOneCpu) {
      ::sched_setaffinity(0, sizeof cpu, &cpu);
      ::sched_setscheduler(0, SCHED_RR, &realtime);  // calm_main_thread tells whether it was permitted
    }
    const int error =
        kit::become({arguments.data(), nullptr, nullptr, parent, in.get(), out.get(), out.get()});
    if (::write(result.write.get(), &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
  }
  if (pid_ < 0) throw_file_error("cannot start", argv.front());
  result.write.reset();
  int error = 0;
  ssize_t n = 0;
  do {
    n = ::read(result.read.get(), &error, sizeof error);
  } while (n < 0 && errno == EINTR);
  if (n == static_cast<ssize_t>(sizeof error)) {
    reap(0);
    throw file_error(kit::system_failure("cannot start", argv.front(), error));
  }
  pidfd_ = kit::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Child::~Child() { kill(); }

void Child::reap(int options) {
  if (ended_ || pid_ <= 0) return;
  const kit::Reaped reaped = kit::reap(pid_, options);
  if (reaped.state == kit::Reaped::kRuns) return;
  ended_ = true;
  exit_status_ = reaped.status;
  signal_ = reaped.signal;
  cpu_time_ = reaped.cpu_time;
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
  KTSTR_ASSERT(pid_ > 0);  // 0 would be this thread
  if (::sched_getscheduler(pid_) != SCHED_RR) return false;
  const sched_param after{1};
  return ::sched_setscheduler(pid_, SCHED_RR, &after) == 0;
}

void Child::kill() {
  if (ended_ || pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  // To end it needs its CPU, which others may have before it for as long as they like.
  const sched_param before{3};
  if (::sched_getscheduler(pid_) == SCHED_RR) ::sched_setscheduler(pid_, SCHED_RR, &before);
  reap(0);
}

std::string run_command(const std::vector<std::string>& argv, std::chrono::milliseconds limit,
                        const std::atomic<bool>& cancel) {
  kit::Program program;
  program.argv = argv;
  program.limit = std::chrono::ceil<std::chrono::seconds>(limit);
  program.keep = 64 << 10;
  program.cancelled = [&cancel] { return cancel.load(); };
  auto outcome = kit::run(program);
  if (!outcome && outcome.error().kind == kit::Failure::Kind::kCancelled) throw Cancelled{};
  const kit::Ended ended = checked(std::move(outcome));
  if (!ended.succeeded())
    throw FileError(argv.front() + " failed: " +
                    ended.out.substr(0, std::min<std::size_t>(ended.out.find_last_not_of(" \n") + 1, 300)));
  return ended.out;
}

}  // namespace ktstr::kvm
