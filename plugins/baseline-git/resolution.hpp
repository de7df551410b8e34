// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/sdk.hpp>
#include <string>
#include <utility>
#include <vector>

#include "repository.hpp"

namespace ktstr::git {

/// The commit that a name means. Fails with a "did you mean"; `what` says who asks.
std::string must_find(Repository& repository, const std::string& name, const std::string& what);

/// The commit to compare with, by precedence: see README.md.
void resolve_baseline(Repository& repository, const ktstr_baseline_request& request, ktstr_resolved& out);

/// The abbreviation that stands for a commit in names and commands.
std::string label_of(std::string_view commit);

/// Commits from `bad` back to `good`, both included, along first parents.
std::vector<LineCommit> first_parent_line(Repository& repository, const std::string& good,
                                          const std::string& bad);

}  // namespace ktstr::git
