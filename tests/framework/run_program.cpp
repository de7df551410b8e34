// SPDX-License-Identifier: Apache-2.0
#include "run_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

extern char** environ;

namespace ktstr::testing {
namespace {

std::vector<std::string> environment_of(const Program& program) {
  std::map<std::string, std::string> variables;
  if (program.clean_environment) {
    const char* path = std::getenv("PATH");
    variables["PATH"] = path == nullptr ? "/usr/bin:/bin" : path;
  } else {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string text = *entry;
      variables[text.substr(0, text.find('='))] = text.substr(std::min(text.size(), text.find('=') + 1));
    }
  }
  for (const std::string& name : program.without) variables.erase(name);
  for (const auto& [name, value] : program.environment) variables[name] = value;
  std::vector<std::string> out;
  for (const auto& [name, value] : variables) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

}  // namespace

RunningProgram::RunningProgram(const Program& program)
    : program_(program), deadline_(std::chrono::steady_clock::now() + program.timeout) {
  int in[2], out[2], err[2];
  if (program_.argv.empty() || ::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 ||
      ::pipe2(err, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot start a program");
  std::vector<std::string> variables = environment_of(program_), arguments = program_.argv;
  const std::vector<char*> environment = pointers(variables), argv = pointers(arguments);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int number : {SIGINT, SIGTERM, SIGPIPE}) ::signal(number, SIG_DFL);
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::dup2(err[1], 2);
    if (program_.directory.empty() || ::chdir(program_.directory.c_str()) == 0)
      ::execvpe(argv[0], argv.data(), environment.data());
    static constexpr char kMessage[] = "run_program: cannot run it\n";
    if (::write(2, kMessage, sizeof kMessage - 1) < 0) ::_exit(126);
    ::_exit(127);
  }
  ::setpgid(pid_, pid_);  // whoever is first
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  in_ = in[1];
  out_ = out[0];
  err_ = err[0];
  ::fcntl(in_, F_SETFL, O_NONBLOCK);
  ::signal(SIGPIPE, SIG_IGN);  // a program that does not read its input must not end the test
  if (program_.input.empty()) close_fd(in_);
}

RunningProgram::~RunningProgram() {
  if (pid_ > 0 && !reaped_) {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_fd(in_);
  close_fd(out_);
  close_fd(err_);
}

void RunningProgram::send(int signal) const {
  if (!reaped_) ::kill(pid_, signal);
}

bool RunningProgram::pump(int milliseconds) {
  pollfd entries[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}, {in_, POLLOUT, 0}};
  if (out_ < 0 && err_ < 0) return false;
  if (::poll(entries, 3, milliseconds) <= 0) return true;
  const auto take = [](int& fd, const pollfd& entry, std::string& text) {
    if (fd < 0 || entry.revents == 0) return;
    char chunk[1 << 14];
    const ssize_t n = ::read(fd, chunk, sizeof chunk);
    if (n > 0) {
      text.append(chunk, static_cast<std::size_t>(n));
    } else if (n == 0 || errno != EINTR) {
      close_fd(fd);
    }
  };
  take(out_, entries[0], result_.out);
  take(err_, entries[1], result_.err);
  if (in_ >= 0 && entries[2].revents != 0) {
    const ssize_t n = ::write(in_, program_.input.data() + written_, program_.input.size() - written_);
    if (n > 0) written_ += static_cast<std::size_t>(n);
    if (written_ == program_.input.size() || (n < 0 && errno != EAGAIN && errno != EINTR)) close_fd(in_);
  }
  return out_ >= 0 || err_ >= 0;
}

bool RunningProgram::wait_for_text(const std::string& text, std::chrono::seconds timeout) {
  const auto end = std::min(deadline_, std::chrono::steady_clock::now() + timeout);
  for (;;) {
    if ((result_.out + result_.err).find(text) != std::string::npos) return true;
    if (std::chrono::steady_clock::now() > end) return false;
    if (!pump(20)) return (result_.out + result_.err).find(text) != std::string::npos;
  }
}

ProgramResult RunningProgram::wait() {
  int status = 0;
  bool ended = false;
  // A background child may hold the streams open after the program's end: what it wrote until then counts, no
  // more.
  while (!ended) {
    pump(20);
    if (out_ < 0 && err_ < 0) ::usleep(2000);
    ended = ::waitpid(pid_, &status, WNOHANG) == pid_;
    if (!ended && std::chrono::steady_clock::now() > deadline_) {
      result_.timed_out = true;
      ::kill(-pid_, SIGKILL);
      deadline_ += std::chrono::hours(1);
    }
  }
  reaped_ = true;
  for (std::size_t before = std::string::npos; before != result_.out.size() + result_.err.size();) {
    before = result_.out.size() + result_.err.size();
    pump(0);
  }
  result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result_;
}

ProgramResult run_program(const Program& program) { return RunningProgram(program).wait(); }

}  // namespace ktstr::testing
