// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ktstr/sdk.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace ktstr::git {

/// An open file that is closed with its owner.
struct Descriptor {
  int fd = -1;
  Descriptor() = default;
  explicit Descriptor(int opened) : fd(opened) {}
  Descriptor(Descriptor&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

/// Throws what errno says.
[[noreturn]] inline void fail(const std::string& what) {
  throw sdk::Error(KTSTR_IO, what + ": " + std::strerror(errno));
}

inline void write_all(int fd, std::string_view bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot write " + what);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace ktstr::git
