// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>

namespace ktstr::agent {

/// A small file's text without trailing line feeds; empty when it cannot be read.
std::string read_text(const char* path, std::size_t limit = 4096);

/// Writes a whole text to a file that exists. Empty, or what went wrong.
std::string write_text(const std::string& path, const std::string& text);

/// Begins every problem that is a lack of the kernel's and no mistake of the test's.
inline constexpr const char* kLack = "this kernel lacks ";

}  // namespace ktstr::agent
