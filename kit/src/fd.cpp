// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kit {

void Fd::reset(int fd) {
  const int error = errno;
  KTSTR_ASSERT(fd < 0 || fd != fd_);  // it would be closed and kept
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
  errno = error;
}

bool Pipe::open() {
  KTSTR_ASSERT(!read.open() && !write.open());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  read.reset(ends[0]);
  write.reset(ends[1]);
  return true;
}

namespace {

/// `put` writes a part of what is left and tells how much, as write(2) does.
template <typename Put>
bool write_in_parts(std::string_view bytes, Put put) {
  while (!bytes.empty()) {
    const ssize_t n = put(bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = EIO;  // would go on for ever
    if (n <= 0) return false;
    KTSTR_ASSERT(static_cast<std::size_t>(n) <= bytes.size());
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

bool write_all(int fd, std::string_view bytes) {
  return write_in_parts(bytes, [&](std::string_view left) { return ::write(fd, left.data(), left.size()); });
}

bool write_all_at(int fd, std::string_view bytes, long long offset) {
  KTSTR_ASSERT(offset >= 0);
  const char* const begin = bytes.data();
  return write_in_parts(bytes, [&](std::string_view left) {
    return ::pwrite(fd, left.data(), left.size(), offset + (left.data() - begin));
  });
}

}  // namespace ktstr::kit
