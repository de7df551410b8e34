// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "handles.hpp"

namespace ktstr::git {

/// What it takes to write a commit's files.
struct CommitSurvey {
  std::string
      conversion;  ///< why git itself must convert files on their way out; empty: they are as they are stored
  bool sparse = false;   ///< a sparse checkout selects files
  bool missing = false;  ///< objects are not there: a partial clone, or a damaged repository
  bool plain() const { return conversion.empty() && !sparse && !missing; }
};

/// A repository read by libgit2. It starts no program and reads repositories of any owner.
class LibraryRepository : public Repository {
 public:
  /// The one around `path`, whose work tree must be where its .git is; null when there is none.
  static std::unique_ptr<LibraryRepository> around(const std::filesystem::path& path);
  /// The one whose git directory this is; null when it is none.
  static std::unique_ptr<LibraryRepository> at(const std::filesystem::path& git_directory);

  std::filesystem::path git_directory() const override;
  std::filesystem::path common_directory() const override;
  std::filesystem::path worktree() const override;
  bool shallow() override;
  std::string head() override;
  std::string branch() override;
  std::vector<std::string> changed_files() override;
  std::vector<std::string> changed_submodules() override;
  std::vector<std::string> changed_between(const std::string& one, const std::string& other) override;
  std::string find_commit(const std::string& name) override;
  std::string merge_base(const std::string& one, const std::string& other) override;
  std::vector<std::string> references() override;
  bool first_parents(const std::string& newest, const std::string& oldest,
                     const FirstParentVisitor& visit) override;
  std::vector<WorktreeEntry> worktree_entries() override;

  CommitSurvey survey(const std::string& commit);
  /// As the objects are stored: no filter runs.
  std::vector<Gitlink> write_commit(const std::string& commit,
                                    const std::filesystem::path& destination) override;

 private:
  explicit LibraryRepository(Handle<git_repository, git_repository_free> repository)
      : repository_(std::move(repository)) {}
  Handle<git_repository, git_repository_free> repository_;
};

}  // namespace ktstr::git
