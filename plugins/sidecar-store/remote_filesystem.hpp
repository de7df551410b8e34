// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ktstr::fs_store {

/// The magic number of the file system that an existing path lies on; nothing when it cannot be asked.
using FilesystemMagic = std::function<std::optional<std::uint64_t>(const std::string&)>;
std::optional<std::uint64_t> statfs_magic(const std::string& path);

/// Name of a network file system by its statfs magic, or null for one whose flock can be relied on.
const char* remote_filesystem_name(std::uint64_t magic);

/// Throws ktstr::sdk::Error when `directory` (or its nearest existing parent) lies on a network file system.
void refuse_remote_filesystem(const std::string& directory, const FilesystemMagic& magic_of);

}  // namespace ktstr::fs_store
