// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

extern char** environ;

namespace process_runner {
namespace {

constexpr std::size_t kMostOutput = 16 << 20;

/// stdin is empty, stdout and stderr are `out`. 0, or errno.
int spawn(const std::vector<std::string>& argv, const std::string& directory, int out, pid_t& pid) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, out, 2);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int failed = ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

/// True once the program has ended; leaves it as a zombie, so that its group cannot be somebody else's yet.
bool has_ended(pid_t pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

/// Takes what is there, waiting up to 20 ms for it.
void pump(int in, std::string& output) {
  pollfd ready{in, POLLIN, 0};
  if (::poll(&ready, 1, 20) <= 0) return;
  char buffer[16 << 10];
  const ssize_t got = ::read(in, buffer, sizeof buffer);
  if (got > 0 && output.size() < kMostOutput) output.append(buffer, static_cast<std::size_t>(got));
  if (got == 0) ::usleep(5000);  // closed; the program itself may go on
}

}  // namespace

Ended run_program(const std::vector<std::string>& argv, const std::string& directory,
                  std::chrono::seconds timeout, const std::function<bool()>& stop) {
  using Clock = std::chrono::steady_clock;
  Ended ended;
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    ended.number = errno;
    return ended;
  }
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  const Clock::time_point begin = Clock::now();
  pid_t pid = -1;
  ended.number = spawn(argv, directory, ends[1], pid);
  ::close(ends[1]);
  if (ended.number == 0) {
    ended.how = Ended::How::kExited;
    while (!has_ended(pid) && ended.how == Ended::How::kExited) {
      pump(ends[0], ended.output);
      if (Clock::now() - begin > timeout) ended.how = Ended::How::kTooLate;
      if (stop()) ended.how = Ended::How::kStopped;
    }
    ended.taken = Clock::now() - begin;
    ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    for (std::size_t before = ended.output.size() + 1; before != ended.output.size();) {
      before = ended.output.size();
      pump(ends[0], ended.output);
    }
    if (ended.how == Ended::How::kExited) {
      if (WIFSIGNALED(status)) ended.how = Ended::How::kKilled;
      ended.number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }
  }
  ::close(ends[0]);
  return ended;
}

}  // namespace process_runner
