// SPDX-License-Identifier: Apache-2.0
#include "warden.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ktstr/kit/child.hpp"

namespace ktstr::kit {
namespace {

// Where the task's descriptors lie once all others are closed.
constexpr int kIn = 3, kOut = 4, kErrors = 5, kLifeline = 6, kStatus = 7, kFirstFree = 8;

void report(WardenReport::Kind kind, int value, int status = kStatus) {
  const WardenReport text{kind, value};
  while (::write(status, &text, sizeof text) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void give_up(int error, int status = kStatus) {
  report(WardenReport::kNotStarted, error, status);
  ::_exit(126);
}

/// A lock that we hold must end with our own descriptor, and our pipes must show an end: the warden keeps
/// nothing of ours.
void keep_only(const WardenTask& task) {
  constexpr int kAbove = kFirstFree;
  constexpr int kMany = kFirstFree - kIn;
  int kept[kMany] = {task.in, task.out, task.errors, task.lifeline, task.status};
  for (int& fd : kept) fd = ::fcntl(fd, F_DUPFD, kAbove);
  for (int i = 0; i < kMany; ++i) {
    if (kept[i] < 0) give_up(errno == EINVAL ? EMFILE : errno, task.status);  // EINVAL: beyond the limit
  }
  for (int i = 0; i < kMany; ++i) {
    if (::dup2(kept[i], kIn + i) < 0) give_up(errno, kept[kMany - 1]);
  }
  const int null_fd = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) {
    // Who reads our output would wait for the warden's end, too.
    if (null_fd < 0 || ::dup2(null_fd, fd) < 0) give_up(errno);
  }
  if (::syscall(SYS_close_range, kFirstFree, ~0U, 0) == 0) return;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  for (rlim_t fd = kFirstFree; fd < limit.rlim_cur && fd < (1U << 16U); ++fd) ::close(static_cast<int>(fd));
}

void default_signals() {
  for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
  sigset_t mask;
  sigfillset(&mask);  // a signal that ends the warden would let the program's children go on
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
}

[[noreturn]] void be_program(const WardenTask& task, pid_t warden) {
  for (int fd = kIn; fd < kFirstFree; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  report(WardenReport::kNotStarted,
         become({task.argv, task.environment, task.directory, warden, kIn, kOut, kErrors}));
  ::_exit(127);
}

/// The parent of process `name`, as /proc tells; 0 when there is no such process.
long parent_of(const char* name) {
  char path[64] = "/proc/";
  if (std::strlen(name) > 20) return 0;
  std::strcat(std::strcat(path, name), "/stat");
  const int fd = ::open(path, O_RDONLY);
  if (fd < 0) return 0;
  char text[512];
  const ssize_t n = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  if (n <= 0) return 0;
  text[n] = '\0';
  const char* at = std::strrchr(text, ')');  // "PID (name) S PARENT …"
  if (at == nullptr || std::strlen(at) < 5) return 0;
  long parent = 0;
  for (at += 4; *at >= '0' && *at <= '9'; ++at) parent = parent * 10 + (*at - '0');
  return parent;
}

/// SIGKILL to all children, adopted ones included.
void kill_children() {
  const pid_t self = ::getpid();
  char link[32] = {};
  long shown = 0;
  if (::readlink("/proc/self", link, sizeof link - 1) > 0) {
    for (const char* at = link; *at >= '0' && *at <= '9'; ++at) shown = shown * 10 + (*at - '0');
  }
  if (shown != self) return;  // the /proc of another PID namespace: its numbers mean other processes
  const int directory = ::open("/proc", O_RDONLY | O_DIRECTORY);
  if (directory < 0) return;
  alignas(8) char buffer[4096];
  for (long n = 0; (n = ::syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0;) {
    struct Entry {
      std::uint64_t inode;
      std::int64_t next;
      std::uint16_t length;
      std::uint8_t type;
    };
    constexpr std::size_t kName = 19;  // after the fields above, without padding
    for (long at = 0; at < n;) {
      Entry entry;
      std::memcpy(&entry, buffer + at, kName);
      const char* name = buffer + at + kName;
      at += entry.length;
      if (*name < '1' || *name > '9' || parent_of(name) != self) continue;
      long pid = 0;
      for (const char* digit = name; *digit != '\0'; ++digit) pid = pid * 10 + (*digit - '0');
      ::kill(static_cast<pid_t>(pid), SIGKILL);
    }
  }
  ::close(directory);
}

/// Ends the whole tree: killing a process hands its children to us, so this goes on until there are none.
[[noreturn]] void end_everything(pid_t program) {
  ::kill(-program, SIGKILL);
  constexpr int kMostRounds = 5000;  // some ten seconds: a process may hang inside of the kernel
  for (int round = 0; round < kMostRounds; ++round) {
    kill_children();
    pid_t got = 0;
    while ((got = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (got < 0 && errno == ECHILD) ::_exit(0);
    const timespec pause{0, 2'000'000};
    ::nanosleep(&pause, nullptr);
  }
  ::_exit(1);
}

}  // namespace

void be_warden(const WardenTask& task) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_NAME, "ktstr-warden");
  keep_only(task);
  default_signals();
  const pid_t self = ::getpid(), program = ::fork();
  if (program == 0) be_program(task, self);
  if (program < 0) give_up(errno);
  report(WardenReport::kStarted, program);
  for (const int fd : {kIn, kOut, kErrors}) ::close(fd);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  const int ended = ::signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
  for (;;) {
    int status = 0;
    pid_t got = 0;
    while ((got = ::waitpid(-1, &status, WNOHANG)) > 0) {
      if (got == program) report(WardenReport::kEnded, status);
    }
    if (got < 0 && errno == ECHILD) ::_exit(0);
    pollfd entries[] = {{kLifeline, POLLIN, 0}, {ended, POLLIN, 0}};
    if (::poll(entries, 2, ended < 0 ? 20 : -1) < 0 && errno != EINTR) end_everything(program);
    if (entries[0].revents != 0) end_everything(program);
    signalfd_siginfo drained;
    while (ended >= 0 && ::read(ended, &drained, sizeof drained) > 0) {
    }
  }
}

}  // namespace ktstr::kit
