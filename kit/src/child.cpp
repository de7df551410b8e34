// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/child.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ktstr/kit/assert.hpp>

extern char** environ;

namespace ktstr::kit {

int become(const NewProgram& program) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != program.parent) ::_exit(127);
  for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(program.in, 0) < 0 || ::dup2(program.out, 1) < 0 || ::dup2(program.errors, 2) < 0) return errno;
  if (program.directory != nullptr && ::chdir(program.directory) != 0) return errno;
  ::execvpe(program.argv[0], program.argv, program.environment != nullptr ? program.environment : environ);
  return errno;
}

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  KTSTR_ASSERT(pointers.size() == strings.size() + 1);
  return pointers;
}

Reaped reap(pid_t pid, int options) {
  KTSTR_ASSERT(pid > 0);  // others would take anybody's end
  int status = 0;
  rusage used{};
  pid_t got = 0;
  do {
    got = ::wait4(pid, &status, options, &used);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return {};
  if (got < 0) return {Reaped::kLost, -1, 0, {}};
  Reaped reaped{Reaped::kEnded, -1, 0, {}};
  for (const timeval& time : {used.ru_utime, used.ru_stime})
    reaped.cpu_time += std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  if (WIFSIGNALED(status)) reaped.signal = WTERMSIG(status);
  if (WIFEXITED(status)) reaped.status = WEXITSTATUS(status);
  return reaped;
}

}  // namespace ktstr::kit
