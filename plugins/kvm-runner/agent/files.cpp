// SPDX-License-Identifier: Apache-2.0
#include "agent/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ktstr::agent {

std::string read_text(const char* path, std::size_t limit) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text;
  char buffer[4096];  // sysfs hands out no more at a time, however large the file
  for (ssize_t n = 0;
       text.size() < limit && (n = ::read(fd, buffer, std::min(sizeof buffer, limit - text.size()))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(fd);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string write_text(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return path + ": " + std::strerror(errno);
  const ssize_t n = ::write(fd, text.data(), text.size());
  const int error = errno;
  ::close(fd);
  return n == static_cast<ssize_t>(text.size()) ? std::string() : path + ": " + std::strerror(error);
}

}  // namespace ktstr::agent
