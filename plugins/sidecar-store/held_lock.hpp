// SPDX-License-Identifier: Apache-2.0
//
// Who is alive is told by who holds a lock, never by a pid: pids repeat, and mean nothing in another pid
// namespace.
#pragma once
#include <string>
#include <utility>

namespace ktstr::fs_store {

/// A flock on a file or a directory, held for as long as the object lives.
class HeldLock {
 public:
  enum class Kind { kExclusive, kShared };

  HeldLock() = default;
  HeldLock(HeldLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  HeldLock& operator=(HeldLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~HeldLock();

  /// Empty when somebody else holds it, or when `path` was removed or replaced in the meantime; errno tells
  /// what went wrong when it is neither. `flags` are those of open(2).
  static HeldLock try_take(const std::string& path, int flags, Kind kind = Kind::kExclusive);

  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  explicit HeldLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

/// "pid 1234 (ktstr test)" for everybody who holds a flock on the file, as far as this pid namespace shows;
/// may be empty.
std::string lock_holders(const std::string& path);

}  // namespace ktstr::fs_store
