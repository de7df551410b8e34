// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "library_repository.hpp"
#include "program_repository.hpp"

namespace ktstr::git {

/// A repository by libgit2 where it can, by the git program where it cannot.
class Access {
 public:
  /// Around `path`; `exists` tells whether there is one.
  Access(std::filesystem::path path, const Services& services);
  /// The repository whose git directory this is.
  static Access at(std::filesystem::path git_directory, const Services& services);

  bool exists() const { return library_ != nullptr || !reason_.empty(); }

  /// What `question` returns for libgit2, or else for git. Fails with both of their reasons.
  template <typename Question>
  auto ask(Question&& question) {
    if (library_) {
      try {
        return question(static_cast<Repository&>(*library_));
      } catch (const CannotRead& why) {
        reason_ = why.what();
      }
    }
    try {
      return question(static_cast<Repository&>(program()));
    } catch (const CannotRead& why) {
      refuse(why.what());
    }
  }

  /// Writes a commit's files as git would check them out.
  std::vector<Gitlink> write_commit(const std::string& commit, const std::filesystem::path& destination);

 private:
  Access(std::filesystem::path path, bool is_git_directory, const Services& services)
      : path_(std::move(path)), is_git_directory_(is_git_directory), services_(services) {}
  ProgramRepository& program();
  [[noreturn]] void refuse(const std::string& what_git_said) const;

  std::filesystem::path path_;
  bool is_git_directory_;
  Services services_;
  std::unique_ptr<LibraryRepository> library_;
  std::unique_ptr<ProgramRepository> program_;
  std::string reason_;  ///< why libgit2 cannot
};

}  // namespace ktstr::git
