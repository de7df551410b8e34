// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace ktstr {

/// Keeps stdout for ktstr's own output: from now on it has a descriptor that nobody else knows, and
/// descriptor 1 leads to stderr, so that what a plugin or a library prints does not end up inside of a
/// report. Once, at the start.
void keep_output_apart();

/// Where ktstr's own output goes: stdout until keep_output_apart.
int output_descriptor();

/// Writes to it. A pipe that nobody reads any more (`ktstr stats list | head -1`) is no failure.
Status write_out(std::string_view text);

/// True for the names that descriptor 1 has in the file system, and links to them: they mean ktstr's output.
bool names_output(const std::filesystem::path& path);

/// Why `write_output` (files.hpp) could not write there; empty: nothing speaks against it, and nothing is
/// left of having tried. For results that are written after something that takes long.
std::string output_obstacle(const std::filesystem::path& path);

}  // namespace ktstr
