// SPDX-License-Identifier: Apache-2.0
#include "git_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ktstr/sdk.hpp>
#include <string_view>

#include "descriptor.hpp"
#include "repository.hpp"

extern char** environ;

namespace ktstr::git {
namespace {

constexpr std::size_t kMostErrors = 64 << 10;
constexpr int kPollMs = 100;

/// How git reaches remotes and whose configuration it reads is the user's choice; where the repository lies
/// is not up to the environment.
bool inherited(std::string_view variable) {
  if (!variable.starts_with("GIT_")) return !variable.starts_with("LC_ALL=");
  constexpr std::array<std::string_view, 8> kKept = {
      "GIT_SSH=",           "GIT_SSH_COMMAND=",   "GIT_SSL_",      "GIT_PROXY_", "GIT_CONFIG_NOSYSTEM=",
      "GIT_CONFIG_GLOBAL=", "GIT_CONFIG_SYSTEM=", "GIT_EXEC_PATH="};
  return std::any_of(kKept.begin(), kKept.end(),
                     [&](std::string_view kept) { return variable.starts_with(kept); });
}

std::vector<std::string> environment_of(const GitCall& call) {
  std::vector<std::string> all;
  bool has_ssh = false;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!inherited(*entry)) continue;
    all.emplace_back(*entry);
    has_ssh = has_ssh || all.back().starts_with("GIT_SSH");
  }
  for (const char* fixed : {"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true",
                            "GCM_INTERACTIVE=never"})
    all.emplace_back(fixed);
  if (!has_ssh) all.emplace_back("GIT_SSH_COMMAND=ssh -oBatchMode=yes");
  if (!call.may_fetch) all.emplace_back("GIT_NO_LAZY_FETCH=1");
  for (const auto& [name, value] : call.variables) all.push_back(name + "=" + value);
  all.push_back("GIT_CONFIG_COUNT=" + std::to_string(call.settings.size()));
  for (std::size_t i = 0; i < call.settings.size(); ++i) {
    all.push_back("GIT_CONFIG_KEY_" + std::to_string(i) + "=" + call.settings[i].first);
    all.push_back("GIT_CONFIG_VALUE_" + std::to_string(i) + "=" + call.settings[i].second);
  }
  return all;
}

std::vector<std::string> arguments_of(const GitCall& call) {
  std::vector<std::string> all{"git", "--no-pager", "--literal-pathspecs", "--no-replace-objects"};
  for (const char* setting : {"core.fsmonitor=false", "core.hooksPath=/dev/null", "submodule.recurse=false",
                              "gc.auto=0", "maintenance.auto=false"}) {
    all.insert(all.end(), {"-c", setting});
  }
  if (!call.may_fetch)
    all.insert(all.end(), {"-c", "protocol.allow=never"});  // git before 2.45 knows no GIT_NO_LAZY_FETCH
  all.insert(all.end(), call.arguments.begin(), call.arguments.end());
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

Descriptor input_of(const std::string& bytes) {
  if (bytes.empty()) return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Descriptor file(::memfd_create("git-input", MFD_CLOEXEC));
  if (file.fd < 0) throw CannotRead("cannot make a file in memory: " + std::string(std::strerror(errno)));
  write_all(file.fd, bytes, "git's input");
  ::lseek(file.fd, 0, SEEK_SET);
  return file;
}

struct Pipe {
  Descriptor read, write;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw CannotRead("cannot make a pipe: " + std::string(std::strerror(errno)));
    read.fd = ends[0];
    write.fd = ends[1];
  }
};

/// In a process group of its own, so that what it started (a filter, ssh) ends with it.
pid_t spawn(const GitCall& call, int in, int out, int err) {
  std::vector<std::string> arguments = arguments_of(call), environment = environment_of(call);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, err, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP}) sigaddset(&defaults, number);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, "git", &files, &attributes, pointers(arguments).data(),
                                    pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed == ENOENT) throw CannotRead("the git program is not installed");
  if (failed != 0)
    throw CannotRead("the git program cannot be started: " + std::string(std::strerror(failed)));
  return pid;
}

/// Both outputs to their ends. False when it was cancelled.
bool collect(int out, int err, GitAnswer& answer, const std::function<bool()>& cancelled) {
  pollfd entries[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
  std::string* texts[2] = {&answer.out, &answer.err};
  while (entries[0].fd >= 0 || entries[1].fd >= 0) {
    if (cancelled()) return false;
    if (::poll(entries, 2, kPollMs) <= 0) continue;
    for (int i = 0; i < 2; ++i) {
      if (entries[i].fd < 0 || entries[i].revents == 0) continue;
      char chunk[1 << 16];
      const ssize_t n = ::read(entries[i].fd, chunk, sizeof chunk);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        entries[i].fd = -1;
      } else if (i == 0 || texts[i]->size() < kMostErrors) {
        texts[i]->append(chunk, static_cast<std::size_t>(n));
      }
    }
  }
  return true;
}

}  // namespace

std::string GitAnswer::complaint() const {
  for (const std::string_view word : {"fatal: ", "error: ", ""}) {
    for (std::size_t at = 0; at < err.size();) {
      const std::size_t end = std::min(err.find('\n', at), err.size());
      const std::string_view line(err.data() + at, end - at);
      if (!line.empty() && line.starts_with(word)) return std::string(line.substr(word.size()));
      at = end + 1;
    }
  }
  return "git ended with status " + std::to_string(status);
}

GitAnswer run_git(const GitCall& call, const std::function<bool()>& cancelled) {
  GitAnswer answer;
  const Descriptor in = input_of(call.input);
  Pipe out, err;
  const pid_t pid = spawn(call, in.fd, out.write.fd, err.write.fd);
  out.write.close();
  err.write.close();
  bool complete = false;
  try {
    complete = collect(out.read.fd, err.read.fd, answer, cancelled);
  } catch (...) {
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    throw;
  }
  if (!complete) ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!complete) throw sdk::Error(KTSTR_CANCELLED, "git was stopped");
  answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return answer;
}

std::vector<std::string> split_nul(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\0', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace ktstr::git
