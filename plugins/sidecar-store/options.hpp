// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "remote_filesystem.hpp"

namespace ktstr::fs_store {

struct Options {
  std::string root;       ///< absolute
  std::string directory;  ///< absolute, or empty
  std::chrono::milliseconds lock_patience{30'000};
  std::function<bool()> cancelled = [] { return false; };
  std::uint64_t history_keep = 0;    ///< entries kept for each key; 0: what is cleared is gone
  std::uint64_t sessions_keep = 20;  ///< of repeated runs; older ones are removed when one ends
  FilesystemMagic filesystem_magic = statfs_magic;
};

}  // namespace ktstr::fs_store
