// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "git_program.hpp"
#include "repository.hpp"

namespace ktstr::git {

/// A repository read by the git program, which trusts those of its user only (see safe.directory in git's
/// manual).
class ProgramRepository : public Repository {
 public:
  /// The one around `path`, whose work tree must be where its .git is. Throws CannotRead with what git said.
  static std::unique_ptr<ProgramRepository> around(const std::filesystem::path& path,
                                                   const Services& services);
  /// The one whose git directory this is.
  static std::unique_ptr<ProgramRepository> at(const std::filesystem::path& git_directory,
                                               const Services& services);

  std::filesystem::path git_directory() const override { return git_directory_; }
  std::filesystem::path common_directory() const override { return common_directory_; }
  std::filesystem::path worktree() const override { return worktree_; }
  bool shallow() override { return shallow_; }
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
  /// Filters run, sparse checkouts stay sparse, and what a partial clone left at its remote is fetched.
  std::vector<Gitlink> write_commit(const std::string& commit,
                                    const std::filesystem::path& destination) override;

 private:
  ProgramRepository(std::vector<std::string> where, const Services& services)
      : where_(std::move(where)), services_(services) {}
  void open();
  GitAnswer ask(std::vector<std::string> arguments, GitCall call = {}) const;
  std::string must(std::vector<std::string> arguments, GitCall call = {}) const;
  std::vector<std::pair<std::string, std::string>> without_own_filters() const;
  void tell_unfiltered(const GitCall& call) const;

  std::vector<std::string> where_;  ///< options that name the repository
  Services services_;
  std::filesystem::path git_directory_, common_directory_, worktree_;
  bool shallow_ = false;
};

}  // namespace ktstr::git
