// SPDX-License-Identifier: Apache-2.0
//
// Manual pages, from what --help is made of.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "support/result.hpp"

namespace ktstr {

/// The page of one command in man's language: ktstr-perf-delta(1); of the root, ktstr(1). `example`: lines
/// that people may copy.
std::string man_page(const CLI::App& command, const std::string& example);

/// Writes the pages of all commands into a directory, which is made.
Status write_man_pages(const CLI::App& root, const std::filesystem::path& directory);

}  // namespace ktstr
