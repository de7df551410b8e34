// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/mutex.hpp>
#include <ktstr/sdk.hpp>
#include <set>
#include <string>

#include "access.hpp"

namespace ktstr::git {

/// Commits of a git repository; see ktstr/abi/baseline.h. Opens the repository anew in every call, so calls
/// may come from any thread. Nothing here writes to it: no index refresh, no refs, no worktree metadata.
/// Objects that a partial clone left at its remote are the one exception: git fetches and keeps them when a
/// checkout needs them.
class GitBaseline : public sdk::Baseline {
 public:
  /// `warn` gets each line once.
  GitBaseline(std::function<void(const std::string&)> warn, std::function<bool()> cancelled);
  ~GitBaseline() override;
  GitBaseline(const GitBaseline&) = delete;
  GitBaseline& operator=(const GitBaseline&) = delete;

  /// Never fails: what cannot be found out is left empty, with a warning.
  void describe(std::string_view path, ktstr_tree& out) override;
  void resolve(const ktstr_baseline_request& request, ktstr_resolved& out) override;
  void checkout(std::string_view path, std::string_view commit, std::string_view destination,
                std::uint32_t flags) override;
  void range(std::string_view path, std::string_view good, std::string_view bad,
             const sdk::CommitVisitor& visit) override;
  std::string diff_command(std::string_view path, std::string_view base, std::string_view head) override;
  void changed_files(std::string_view path, std::string_view base, std::string_view head,
                     const sdk::PathVisitor& visit) override;

 private:
  void describe_head(Access& access, const std::filesystem::path& path, ktstr_tree& out);
  void write_commit(Access& access, const std::string& commit, const std::filesystem::path& destination,
                    const std::string& prefix, int depth);
  void write_submodule(Access& around, const Gitlink& link, const std::string& name,
                       const std::filesystem::path& destination, const std::string& prefix, int depth);
  void write_worktree(Access& access, const std::filesystem::path& destination, const std::string& prefix,
                      int depth);

  kit::Mutex mutex_;
  std::set<std::string> told_ KTSTR_GUARDED_BY(mutex_);
  Services services_;
};

}  // namespace ktstr::git
