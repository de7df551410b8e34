// SPDX-License-Identifier: Apache-2.0
//
// The SHA-256 of files of many megabytes that every invocation asks for, and that rarely change.
#pragma once
#include <filesystem>
#include <string>

#include "support/result.hpp"

namespace ktstr {

/// A sum is remembered by what the kernel says of the file: device, inode, size, and when its bytes (mtime)
/// and it (ctime) changed. Nobody can set the last of them, so whoever writes to a file changes that. One
/// that changed just now may do so again at the same moment and is not remembered.
class FileSums {
 public:
  FileSums() = default;  ///< remembers nothing
  explicit FileSums(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Of a regular file. A memory that cannot be read or written is none.
  Result<std::string> of(const std::filesystem::path& path) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace ktstr
