// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

inline constexpr std::uint64_t kMaxConfigFile = 4 << 20;  ///< bytes of any configuration file that is read

struct ProjectFile {
  std::filesystem::path directory;
  std::string text;
  std::filesystem::path file() const { return directory / "ktstr.json"; }
};

/// The nearest ktstr.json from `cwd` up to the root of the repository around it; without a repository only
/// that of `cwd` itself. The file, and each directory from its own up to the repository's root, must belong
/// to this user, to root, or, when root runs for somebody (`sudo_uid`), to that user; or the directory is one
/// of `safe` (a path, a path with "/*" for all below, or "*").
Result<std::optional<ProjectFile>> find_project_file(const std::string& cwd,
                                                     const std::vector<std::string>& safe,
                                                     const std::string& sudo_uid);

}  // namespace ktstr
