// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/sdk.hpp>

namespace ktstr::git {

/// Commits of a git repository; see ktstr/abi/baseline.h. Opens the repository anew in every call, so calls may come from any thread.
/// Nothing here writes to it: no index refresh, no refs, no objects, no worktree metadata.
class GitBaseline : public sdk::Baseline {
 public:
  GitBaseline();
  ~GitBaseline() override;
  GitBaseline(const GitBaseline&) = delete;
  GitBaseline& operator=(const GitBaseline&) = delete;

  void describe(std::string_view path, ktstr_tree& out) override;
  void resolve(const ktstr_baseline_request& request, ktstr_resolved& out) override;
  void checkout(std::string_view path, std::string_view commit, std::string_view destination, std::uint32_t flags) override;
  void range(std::string_view path, std::string_view good, std::string_view bad, const sdk::CommitVisitor& visit) override;
};

}  // namespace ktstr::git
