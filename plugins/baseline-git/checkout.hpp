// SPDX-License-Identifier: Apache-2.0
//
// Plain files out of a repository. We write them ourselves: libgit2's checkout wants an index and may run configured filters.
#pragma once
#include <git2.h>
#include <sys/stat.h>

#include <string>
#include <string_view>

namespace ktstr::git {

/// Writes below one directory and nowhere else: directories are opened one by one without following links, names that could lead out
/// (.., .git, absolute ones) are refused.
class TreeWriter {
 public:
  explicit TreeWriter(const std::string& destination);
  ~TreeWriter();
  TreeWriter(const TreeWriter&) = delete;
  TreeWriter& operator=(const TreeWriter&) = delete;

  /// `modified`: when the file was changed last, for build tools that go by it; null: now.
  void file(std::string_view path, std::string_view bytes, bool executable, const timespec* modified = nullptr);
  void link(std::string_view path, std::string_view target);

 private:
  int open_parent(std::string_view path, std::string& name);
  int root_;
  std::string destination_;
};

/// The files of a commit's tree. Submodules become empty directories' absence: they are left out.
void write_tree(git_repository* repository, git_tree* tree, TreeWriter& writer);

/// The files as they lie there: tracked ones and untracked ones that are not ignored.
void write_worktree(git_repository* repository, TreeWriter& writer);

}  // namespace ktstr::git
