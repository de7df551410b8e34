// SPDX-License-Identifier: Apache-2.0
//
// Children in namespaces of their own: what two containers, or a container with a small file system, are to a
// program.
#pragma once
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>

namespace ktstr::testing {

/// Whether this machine lets us make mount and PID namespaces. Where it does not (an unprivileged container),
/// tests of them are skipped.
inline bool namespaces_permitted() {
  const pid_t pid = ::fork();
  if (pid == 0)
    ::_exit(::unshare(CLONE_NEWNS | CLONE_NEWPID) == 0 &&
                    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
                ? 0
                : 1);
  int status = -1;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && status == 0;
}

/// A tmpfs of that size on `directory`; in a mount namespace of one's own.
inline bool mount_small(const std::string& directory, const std::string& size) {
  return ::mount("tmpfs", directory.c_str(), "tmpfs", 0, ("mode=1777,size=" + size).c_str()) == 0;
}

/// Starts `body` as process 1 of a PID namespace, in a mount namespace; its result is the exit status.
inline pid_t start_in_namespaces(const std::function<int()>& body) {
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
  if (pid != 0) return pid;
  try {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("proc", "/proc", "proc", 0, nullptr) != 0)
      ::_exit(99);
    ::_exit(body());
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    ::_exit(98);
  }
}

inline int exit_code_of(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace ktstr::testing
