// SPDX-License-Identifier: Apache-2.0
//
// Files as ktstr/kit has them, with the host's errors: names escaped, and what helps.
#pragma once
#include <cstdint>
#include <filesystem>
#include <ktstr/kit/scratch_directory.hpp>
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace ktstr {

/// A regular file's bytes; an error when it is missing, larger than `max_bytes`, or something else than a
/// file.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Replaces a file so that a reader, also one after a power cut, sees the old one or the new one, whole.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Writes what a user asked for at a place of their choice: a file is replaced whole, a device or a pipe is
/// written to.
Status write_output(const std::filesystem::path& path, std::string_view bytes);

Status make_directories(const std::filesystem::path& directory);

/// Of a regular file.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

/// A directory of our own below `parent`, after those of that prefix were removed whose owners are gone.
Result<kit::ScratchDirectory> make_scratch_directory(const std::filesystem::path& parent,
                                                     std::string_view prefix);

}  // namespace ktstr
