// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <filesystem>

#include "ktstr/kit/result.hpp"

namespace ktstr::kit {

/// Makes a directory and its missing parents, with a mode that follows the umask. A failure names the one
/// that could not be made.
Done make_directories(const std::filesystem::path& directory, mode_t mode = 0777);

/// The same, and each outlives a power cut.
Done make_directories_durably(const std::filesystem::path& directory);

/// fsync of a directory: names that were entered or left there outlive a power cut. Fine where a file system
/// cannot do that, and where the directory may be passed through but not read.
Done sync_directory(const std::filesystem::path& directory);

/// Removes a directory with everything in it, directories that nobody may write (Go's module cache has them)
/// included. True when nothing is left.
bool remove_tree(const std::filesystem::path& path) noexcept;

}  // namespace ktstr::kit
