// SPDX-License-Identifier: Apache-2.0
#include "support/output.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/text.hpp"

namespace ktstr {
namespace fs = std::filesystem;

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
