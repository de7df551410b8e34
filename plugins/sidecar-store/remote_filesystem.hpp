// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace ktstr::fs_store {

/// Name of a network file system by its statfs magic, or null for one whose flock and rename can be relied on.
const char* remote_filesystem_name(std::uint64_t magic);

/// Throws ktstr::sdk::Error when `directory` (or its nearest existing parent) lies on a network file system.
void refuse_remote_filesystem(const std::string& directory);

}  // namespace ktstr::fs_store
