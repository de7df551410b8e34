// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace ktstr {

/// Why `write_output` (files.hpp) could not write there; empty: nothing speaks against it, and nothing is
/// left of having tried. For results that are written after something that takes long.
std::string output_obstacle(const std::filesystem::path& path);

}  // namespace ktstr
