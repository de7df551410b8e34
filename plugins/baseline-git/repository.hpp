// SPDX-License-Identifier: Apache-2.0
//
// What the baseline asks of a repository. Two answer: libgit2, which starts nothing and reads repositories of
// any owner, and the git program, for what libgit2 does not know (formats newer than it, filters, objects
// that a partial clone left at its remote).
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace ktstr::git {

/// This way of reading cannot do it here; the other one may.
class CannotRead : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the work of reading needs from its surroundings.
struct Services {
  std::function<void(const std::string&)> warn;  ///< one line for people
  std::function<bool()> cancelled;
};

/// A submodule as a commit records it.
struct Gitlink {
  std::string path, commit;
};

/// A file of the work tree, or a repository inside of it: a submodule, or somebody's clone when it is
/// untracked.
struct WorktreeEntry {
  std::string path;
  bool untracked = false, repository = false;
};

/// One commit of a line, the first line of its message and when it was made, in seconds since 1970.
struct LineCommit {
  std::string id, summary;
  std::int64_t time_s = 0;
};
using FirstParentVisitor = std::function<void(const LineCommit& commit)>;

/// Every function may throw CannotRead. Commits are full hex.
class Repository {
 public:
  virtual ~Repository() = default;
  virtual std::filesystem::path git_directory() const = 0;     ///< of this work tree
  virtual std::filesystem::path common_directory() const = 0;  ///< shared by all its work trees
  virtual std::filesystem::path worktree() const = 0;          ///< its top; empty when there is none
  virtual bool shallow() = 0;
  virtual std::string head() = 0;    ///< empty before the first commit
  virtual std::string branch() = 0;  ///< short name, empty when detached
  /// Paths of tracked files that differ from HEAD, in the index or on disk. Untracked files, submodules and
  /// files that a sparse checkout leaves out do not count.
  virtual std::vector<std::string> changed_files() = 0;
  /// Paths of submodules that are at another commit than HEAD says, or have changes of their own.
  virtual std::vector<std::string> changed_submodules() = 0;
  /// Paths that differ between two commits; of what was renamed both.
  virtual std::vector<std::string> changed_between(const std::string& one, const std::string& other) = 0;
  virtual std::string find_commit(const std::string& name) = 0;  ///< empty: there is none
  virtual std::string merge_base(const std::string& one,
                                 const std::string& other) = 0;  ///< empty: there is none
  virtual std::vector<std::string> references() = 0;             ///< full names
  /// From `newest` back along first parents until `oldest`, both included. False when `oldest` is not among
  /// them.
  virtual bool first_parents(const std::string& newest, const std::string& oldest,
                             const FirstParentVisitor& visit) = 0;
  /// Writes the commit's files as git would check them out. Submodules become empty directories and are
  /// returned.
  virtual std::vector<Gitlink> write_commit(const std::string& commit,
                                            const std::filesystem::path& destination) = 0;
  /// What lies in the work tree: tracked or not, but not ignored. Files may be gone by now.
  virtual std::vector<WorktreeEntry> worktree_entries() = 0;
};

}  // namespace ktstr::git
