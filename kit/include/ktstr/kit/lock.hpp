// SPDX-License-Identifier: Apache-2.0
//
// Who is alive is told by who holds a lock, never by a pid: pids repeat, and mean nothing in another pid
// namespace.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "ktstr/kit/fd.hpp"

namespace ktstr::kit {

/// A flock on a file or a directory, held for as long as the object lives.
class HeldLock {
 public:
  enum class Kind { kExclusive, kShared };

  HeldLock() = default;

  /// `flags` are those of open(2); links are not followed. Empty and errno when it cannot be had: EWOULDBLOCK
  /// when somebody else holds it, ESTALE when `path` was removed or replaced in the meantime.
  static HeldLock try_take(const std::filesystem::path& path, int flags, Kind kind = Kind::kExclusive);

  /// Tries every `step` until it has the lock, an error says that it never will, or `give_up` does; errno is
  /// EWOULDBLOCK then.
  static HeldLock wait(const std::filesystem::path& path, int flags, Kind kind,
                       std::chrono::milliseconds step, const std::function<bool()>& give_up);

  explicit operator bool() const { return fd_.open(); }
  int fd() const { return fd_.get(); }

 private:
  explicit HeldLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

/// "pid 1234 (ktstr test)" for everybody who holds a flock on the file, as far as this pid namespace shows;
/// may be empty.
std::string lock_holders(const std::filesystem::path& path);

}  // namespace ktstr::kit
