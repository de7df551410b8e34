// SPDX-License-Identifier: Apache-2.0
#include "guest/library_list.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "report/text.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::size_t kLargestListing = 1U << 20U;
constexpr std::chrono::seconds kLoaderDeadline{20};

/// Reads until end of file, the deadline or too much; true at end of file.
bool read_listing(int fd, std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + kLoaderDeadline;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd entry{fd, POLLIN, 0};
    if (left <= 0) return false;
    const int ready = poll(&entry, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    char buffer[4096];
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kLargestListing) return false;
  }
}

}  // namespace

std::vector<LibraryFile> parse_library_list(std::string_view text, std::vector<std::string>& missing) {
  std::vector<LibraryFile> libraries;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::size_t address = line.rfind(" (0x");
    const std::size_t arrow = line.find(" => ");
    if (arrow != std::string_view::npos) {
      const std::string name(line.substr(0, arrow));
      std::string_view path = line.substr(arrow + 4);
      if (path.starts_with("not found")) {
        missing.push_back(name);
        continue;
      }
      if (address == std::string_view::npos || address <= arrow + 4) continue;
      path = line.substr(arrow + 4, address - arrow - 4);
      if (!path.starts_with('/')) continue;
      const std::size_t slash = name.rfind('/');
      libraries.push_back({slash == std::string::npos ? name : name.substr(slash + 1), std::filesystem::path(path)});
    } else if (line.starts_with('/') && address != std::string_view::npos) {  // the loader itself, or a library named by path
      const std::filesystem::path path(line.substr(0, address));
      libraries.push_back({path.filename().string(), path});
    }  // else: linux-vdso, which the kernel brings, or "statically linked"
  }
  return libraries;
}

bool list_libraries(const std::filesystem::path& loader, const std::filesystem::path& program, std::vector<LibraryFile>& libraries,
                    MachineError& error) {
  const std::string shown = printable(program.string(), 200);
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
    error = {std::string("no pipe for the loader: ") + std::strerror(errno), "", true};
    return false;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::string loader_text = loader.string(), program_text = program.string();
  char list[] = "--list";
  char locale[] = "LC_ALL=C";
  char* argv[] = {loader_text.data(), list, program_text.data(), nullptr};
  char* environment[] = {locale, nullptr};
  pid_t child = -1;
  const int failed = posix_spawn(&child, loader_text.c_str(), &actions, nullptr, argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_fds[1]);
  if (failed != 0) {
    close(pipe_fds[0]);
    error = {"the loader " + printable(loader_text, 200) + " of " + shown + " cannot be started: " + std::strerror(failed),
             "link the scheduler statically, or install the libraries of its architecture", true};
    return false;
  }
  std::string listing;
  const bool complete = read_listing(pipe_fds[0], listing);
  close(pipe_fds[0]);
  if (!complete) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::vector<std::string> missing;
  if (complete) libraries = parse_library_list(listing, missing);
  if (!missing.empty()) {
    error = {"the scheduler " + shown + " needs " + printable(missing.front(), 100) + ", which this machine does not have",
             "install the library, or link the scheduler statically", true};
    return false;
  }
  if (!complete || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    error = {"the libraries of " + shown + " cannot be listed by " + printable(loader_text, 100), "link the scheduler statically", true};
    return false;
  }
  return true;
}

}  // namespace ktstr::kvm
