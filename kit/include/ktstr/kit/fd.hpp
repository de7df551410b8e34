// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <utility>

namespace ktstr::kit {

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  /// Closes what it has and keeps errno.
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// Both ends are closed on exec.
struct Pipe {
  Fd read, write;
  /// False and errno when there is none to be had.
  bool open();
};

/// False and errno when not everything was written.
bool write_all(int fd, std::string_view bytes);
/// The same at a place of a file, whose own position stays.
bool write_all_at(int fd, std::string_view bytes, long long offset);

}  // namespace ktstr::kit
