// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "repository.hpp"

namespace ktstr::git {

/// Copies `entries` of the work tree at `top` as they lie there. Files that may not be read are left out,
/// untracked ones that are large are copied, both with a warning. `prefix`: where `top` lies in the project's
/// work tree, for messages; empty or with a slash at its end.
void copy_worktree(const std::filesystem::path& top, const std::string& prefix,
                   const std::vector<WorktreeEntry>& entries, const std::filesystem::path& destination,
                   const Services& services);

}  // namespace ktstr::git
