// SPDX-License-Identifier: Apache-2.0
#include "access.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/sdk.hpp>

#include "worktree_place.hpp"

namespace ktstr::git {
namespace fs = std::filesystem;

Access::Access(fs::path path, const Services& services) : Access(std::move(path), false, services) {
  const fs::path top = find_dot_git(path_);
  if (!top.empty()) refuse_dangling_link(top);
  try {
    library_ = LibraryRepository::around(path_);
  } catch (const CannotRead& why) {
    reason_ = why.what();
  }
}

Access Access::at(fs::path git_directory, const Services& services) {
  Access access(std::move(git_directory), true, services);
  try {
    access.library_ = LibraryRepository::at(access.path_);
  } catch (const CannotRead& why) {
    access.reason_ = why.what();
  }
  return access;
}

ProgramRepository& Access::program() {
  if (!program_)
    program_ = is_git_directory_ ? ProgramRepository::at(path_, services_)
                                 : ProgramRepository::around(path_, services_);
  KTSTR_ASSERT(program_ != nullptr);
  return *program_;
}

void Access::refuse(const std::string& what_git_said) const {
  const bool foreign = what_git_said.find("dubious ownership") != std::string::npos;
  const std::string place = "cannot read the repository of " + path_.string() + ": ";
  if (reason_.empty()) throw sdk::Error(KTSTR_UNAVAILABLE, place + what_git_said, "");
  throw sdk::Error(KTSTR_UNAVAILABLE, place + reason_ + "; git: " + what_git_said,
                   foreign ? "git config --global --add safe.directory " + path_.string()
                           : "git status and git fsck, there, tell more");
}

std::vector<Gitlink> Access::write_commit(const std::string& commit, const fs::path& destination) {
  if (library_) {
    CommitSurvey survey;
    try {
      survey = library_->survey(commit);
    } catch (const CannotRead& why) {
      survey.missing = true;
      reason_ = why.what();
    }
    if (survey.plain()) return library_->write_commit(commit, destination);
    try {
      program();
    } catch (const CannotRead& why) {
      if (survey.missing) refuse(why.what());
      if (!survey.conversion.empty()) {
        services_.warn("checkouts hold files as git stores them, though the repository converts some (" +
                       survey.conversion + "): " + why.what());
      }
      return library_->write_commit(commit, destination);
    }
  }
  return ask([&](Repository& repository) -> std::vector<Gitlink> {
    if (&repository == library_.get()) throw CannotRead("it needs git to be checked out");
    return repository.write_commit(commit, destination);
  });
}

}  // namespace ktstr::git
