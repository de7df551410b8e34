// SPDX-License-Identifier: Apache-2.0
//
// Where a cloned project may point to: into itself. Everything of ktstr.json that names a place on this
// machine goes through here.
#pragma once
#include <filesystem>
#include <string>

#include "support/result.hpp"

namespace ktstr {

/// The place that a project calls `text`: relative to its directory, inside of it after every link was
/// followed, and not in a repository's own files. `where` begins the error ("ktstr.json: reporters[0].out").
Result<std::filesystem::path> path_in_project(const std::filesystem::path& project_dir,
                                              const std::string& text, const std::string& where);

/// Whether `path` is `root` or below it, as both are written.
bool is_written_in(const std::filesystem::path& path, const std::filesystem::path& root);

}  // namespace ktstr
