// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string_view>
#include <utility>

#include "ktstr/kit/lock.hpp"
#include "ktstr/kit/result.hpp"

namespace ktstr::kit {

/// A private directory PREFIXxxxxxx with a name that is drawn, removed with everything in it by the
/// destructor. Its owner holds a lock on the file NAME.lock beside it for as long as it lives: that, and no
/// process id, tells a sweep (in any pid namespace) whether somebody still needs it. A file, as not every
/// file system has locks on directories (NFS has none).
class ScratchDirectory {
 public:
  /// `parent` exists; it may be shared with other users (sticky, as /dev/shm is).
  static Outcome<ScratchDirectory> make(const std::filesystem::path& parent, std::string_view prefix);
  /// Removes this user's directories of that prefix whose owners are gone.
  static void sweep(const std::filesystem::path& parent, std::string_view prefix);

  ScratchDirectory(ScratchDirectory&& other) noexcept
      : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory() { remove(); }
  const std::filesystem::path& path() const { return path_; }
  /// What cannot be removed stays for a later sweep.
  void remove() noexcept;

 private:
  ScratchDirectory(std::filesystem::path path, HeldLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  HeldLock lock_;
};

}  // namespace ktstr::kit
