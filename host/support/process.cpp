// SPDX-License-Identifier: Apache-2.0
#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

extern char** environ;

namespace ktstr {

Result<ProcessOutput> run_process(const ProcessRequest& request, const std::atomic<bool>& cancel) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    bool replaced = false;
    for (const auto& [name, value] : request.environment) replaced = replaced || text.starts_with(name + "=");
    for (const std::string& name : request.without) replaced = replaced || text.starts_with(name + "=");
    if (!replaced) variables.push_back(text);
  }
  for (const auto& [name, value] : request.environment) variables.push_back(name + "=" + value);
  std::vector<char*> environment, arguments;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  for (const std::string& argument : request.argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  int out[2], failure[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return plugin_error("cannot make a pipe: " + std::string(std::strerror(errno)));
  if (::pipe2(failure, O_CLOEXEC) != 0) {
    ::close(out[0]);
    ::close(out[1]);
    return plugin_error("cannot make a pipe: " + std::string(std::strerror(errno)));
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {  // only async-signal-safe calls from here
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGINT, SIGTERM, SIGPIPE}) ::signal(number, SIG_DFL);
    const int null_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null_fd, 0);
    ::dup2(out[1], 1);
    ::dup2(out[1], 2);
    if (request.directory.empty() || ::chdir(request.directory.c_str()) == 0) ::execvpe(arguments[0], arguments.data(), environment.data());
    const int error = errno;
    if (::write(failure[1], &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(failure[1]);
  ProcessOutput result;
  int error = 0;
  ssize_t reported = 0;
  const int fork_error = pid < 0 ? errno : 0;
  while (pid > 0 && (reported = ::read(failure[0], &error, sizeof error)) < 0 && errno == EINTR) {
  }
  const bool failed = pid < 0 || reported == static_cast<ssize_t>(sizeof error);
  ::close(failure[0]);
  if (failed) {
    ::close(out[0]);
    if (pid > 0) ::waitpid(pid, nullptr, 0);
    return environment_error("cannot run " + request.argv.front() + ": " + std::strerror(pid < 0 ? fork_error : error) +
                             (request.directory.empty() ? "" : " (in " + request.directory + ")"));
  }

  const auto end = std::chrono::steady_clock::now() + request.timeout;
  bool stopped = false, late = false;
  for (;;) {
    pollfd entry{out[0], POLLIN, 0};
    const int ready = ::poll(&entry, 1, 50);
    if (ready > 0) {
      char chunk[1 << 14];
      const ssize_t n = ::read(out[0], chunk, sizeof chunk);
      if (n == 0) break;
      if (n > 0) result.output.append(chunk, static_cast<std::size_t>(n));
      if (result.output.size() > 2 * request.output_limit) result.output.erase(0, result.output.size() - request.output_limit);
    }
    late = std::chrono::steady_clock::now() > end;
    if (!stopped && (cancel || late)) {
      ::kill(-pid, SIGKILL);
      stopped = true;
    }
    if (stopped && ready == 0) break;  // something that left the group may hold the pipe open
    siginfo_t ended{};
    const bool over = ready == 0 && ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == pid;
    if (over) break;  // a daemon that it left behind (a compile server) holds the pipe open, and has nothing to say
  }
  ::close(out[0]);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (cancel) return Error{ExitCode::kInterrupted, request.argv.front() + " was stopped", ""};
  if (stopped && late) return plugin_error(request.argv.front() + " did not end within " + std::to_string(request.timeout.count()) + " s");
  if (result.output.size() > request.output_limit) result.output.erase(0, result.output.size() - request.output_limit);
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}

}  // namespace ktstr
