// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "support/result.hpp"

namespace ktstr {

/// Makes the directory and sees that files can be put there. An error names the directory that could not be
/// made or written to, the reason, and the variable that moves the cache.
Status make_cache_directory(const std::filesystem::path& directory);

/// What to do about a cache that is not usable.
std::string cache_hint();

}  // namespace ktstr
