// SPDX-License-Identifier: Apache-2.0
//
// Where a repository's work tree may be.
#pragma once
#include <filesystem>

namespace ktstr::git {

/// The directory at or above `path` that holds a .git, on the same file system; empty when there is none.
std::filesystem::path find_dot_git(const std::filesystem::path& path);

/// Fails when the work tree is not where the .git was found. core.worktree may name any directory, and what
/// is copied of a work tree must not be a surprise.
void refuse_foreign_worktree(const std::filesystem::path& top, const std::filesystem::path& worktree);

/// Fails when the .git of `top` is a file that leads to a directory that is not there, as in a container that
/// sees a linked work tree without its repository.
void refuse_dangling_link(const std::filesystem::path& top);

}  // namespace ktstr::git
