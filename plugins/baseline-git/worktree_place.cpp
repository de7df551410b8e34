// SPDX-License-Identifier: Apache-2.0
#include "worktree_place.hpp"

#include <sys/stat.h>

#include <ktstr/kit/read_file.hpp>
#include <ktstr/sdk.hpp>
#include <string>

namespace ktstr::git {
namespace fs = std::filesystem;

fs::path find_dot_git(const fs::path& path) {
  std::error_code error;
  fs::path at = fs::canonical(path, error);
  struct stat first {
  }, here{};
  if (error || ::stat(at.c_str(), &first) != 0) return {};
  for (;; at = at.parent_path()) {
    if (::stat(at.c_str(), &here) != 0 || here.st_dev != first.st_dev) return {};
    if (fs::exists(fs::symlink_status(at / ".git", error))) return at;
    if (at == at.parent_path()) return {};
  }
}

void refuse_foreign_worktree(const fs::path& top, const fs::path& worktree) {
  std::error_code error;
  if (fs::equivalent(top, worktree, error)) return;
  throw sdk::Error(KTSTR_UNAVAILABLE,
                   "the repository " + top.string() + " says that its files lie in " + worktree.string() +
                       " (core.worktree), which is not taken",
                   "if you did not mean that: git -C " + top.string() + " config --unset core.worktree");
}

void refuse_dangling_link(const fs::path& top) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(top / ".git", error))) return;
  const std::string line = kit::first_line(top / ".git");
  constexpr std::string_view kWord = "gitdir: ";
  if (!line.starts_with(kWord)) return;
  fs::path target = line.substr(kWord.size());
  if (target.is_relative()) target = top / target;
  if (fs::exists(target, error)) return;
  throw sdk::Error(
      KTSTR_UNAVAILABLE, (top / ".git").string() + " leads to " + target.string() + ", which is not there",
      "in a container, mount the repository of a linked work tree at the path that it has outside");
}

}  // namespace ktstr::git
