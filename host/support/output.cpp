// SPDX-License-Identifier: Apache-2.0
#include "support/output.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/text.hpp>

#include "support/status_line.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr int kApart = 10;  // from here on: no shell and hardly any program counts on such a number
int descriptor = STDOUT_FILENO;

}  // namespace

void keep_output_apart() {
  const int fd = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, kApart);
  if (fd < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return;  // a limit of a dozen files: as it was
  descriptor = fd;
}

int output_descriptor() { return descriptor; }

Status write_out(std::string_view text) {
  const bool written = without_status_line([&] { return kit::write_all(descriptor, text); });
  if (written || errno == EPIPE) return Ok{};
  return plugin_error("cannot write to stdout: " + std::string(std::strerror(errno)));
}

bool names_output(const fs::path& path) {
  constexpr int kMostLinks = 40;
  fs::path at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    at = at.lexically_normal();
    if (at == "/dev/stdout" || at == "/dev/fd/1" || at == "/proc/self/fd/1") return true;
    std::error_code none;
    const fs::path target = fs::read_symlink(at, none);
    if (target.empty()) return false;
    at = target.is_absolute() ? target : at.parent_path() / target;
  }
  return false;
}

std::string output_obstacle(const fs::path& path) {
  std::error_code error;
  const fs::file_status there = fs::status(path, error);
  if (fs::is_directory(there)) return "it is a directory";
  if (fs::exists(there) && !fs::is_regular_file(there))
    return ::access(path.c_str(), W_OK) == 0 ? "" : std::strerror(errno);
  const fs::path target = fs::exists(there) ? fs::canonical(path, error) : path;
  const fs::path directory = target.has_parent_path() ? target.parent_path() : fs::path(".");
  if (!fs::is_directory(directory, error)) return "there is no directory " + printable(directory.string());
  std::string probe = (directory / ".ktstr-XXXXXX").string();  // permissions alone do not tell
  const int fd = ::mkostemp(probe.data(), O_CLOEXEC);
  if (fd < 0) return "the directory " + printable(directory.string()) + ": " + std::strerror(errno);
  ::unlink(probe.c_str());
  ::close(fd);
  return "";
}

}  // namespace ktstr
