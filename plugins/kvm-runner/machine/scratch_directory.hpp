// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string_view>

#include "machine/files.hpp"

namespace ktstr::kvm {

/// A private directory with a random name, removed with everything in it. Its owner holds a lock on the file
/// NAME.lock beside it for as long as it lives: that, and no process id, tells a sweep (in any PID namespace)
/// whether somebody still needs it.
class ScratchDirectory {
 public:
  static constexpr std::string_view kPrefix = "ktstr-run-";

  /// `parent` exists; it may be shared with other users (sticky, as /dev/shm is).
  static ScratchDirectory make(const std::filesystem::path& parent);  ///< throws FileError
  /// Removes this user's directories below `parent` whose owners are gone.
  static void sweep(const std::filesystem::path& parent);

  ScratchDirectory(ScratchDirectory&& other) noexcept
      : path_(std::move(other.path_)), lock_(std::move(other.lock_)) {
    other.path_.clear();
  }
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory() { remove(); }
  const std::filesystem::path& path() const { return path_; }
  void remove() noexcept;

 private:
  ScratchDirectory(std::filesystem::path path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  Fd lock_;
};

}  // namespace ktstr::kvm
