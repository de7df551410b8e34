// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace ktstr {

/// A regular file's bytes; an error when it is missing, larger than `max_bytes`, or something else than a
/// file.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Replaces a file so that a reader sees the old one or the new one, whole: temporary name beside it, fsync,
/// rename.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Writes what a user asked for at a place of their choice: a file is replaced whole, a device or a pipe is
/// written to.
Status write_output(const std::filesystem::path& path, std::string_view bytes);

Status make_directories(const std::filesystem::path& directory);

Result<std::string> sha256_of_file(const std::filesystem::path& path);

/// A directory of our own below `parent` ("prefix-XXXXXX"), held by a lock on it so that `sweep` leaves it
/// alone; removed by the destructor. A killed owner's lock is gone with it, in whatever pid namespace it ran.
class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> make(const std::filesystem::path& parent, const std::string& prefix);
  /// Removes directories of that prefix whose owner is gone.
  static void sweep(const std::filesystem::path& parent, const std::string& prefix);

  TemporaryDirectory(TemporaryDirectory&& other) noexcept
      : path_(std::move(other.path_)), lock_(other.lock_) {
    other.path_.clear();
    other.lock_ = -1;
  }
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory();
  const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace ktstr
