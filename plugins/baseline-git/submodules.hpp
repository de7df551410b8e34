// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ktstr::git {

/// Name of a submodule by its path, from a checkout's .gitmodules.
std::map<std::string, std::string> submodule_names(const std::filesystem::path& checkout);

/// Where a submodule's objects may lie, best first. `git_directories`: of the repository around it;
/// `worktree`: its top, may be empty.
std::vector<std::filesystem::path> submodule_places(const std::vector<std::filesystem::path>& git_directories,
                                                    const std::filesystem::path& worktree,
                                                    const std::string& name, const std::string& path);

}  // namespace ktstr::git
