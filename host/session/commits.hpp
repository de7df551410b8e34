// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "session/context.hpp"

namespace ktstr {

/// What --base and its kin say; empty: not given.
struct CommitChoice {
  std::string base, base_ref, default_branch;
};

/// The two commits of a comparison and why they are these.
struct Commits {
  std::string baseline_full, baseline_label, how;
  std::string head_full, head_label;  ///< with "-dirty" when it is
  std::string head_commit_label;      ///< without
  bool head_is_dirty = false;
  std::string subdirectory;  ///< of the project below its repository's root
  /// Of HEAD's tree as it is now: empty without changes; nothing: it cannot be told, or somebody vouches for
  /// it.
  std::optional<std::string> tree_state{};
  std::string diff_command{};  ///< shows what the sides differ by; empty: nobody knows
};

/// As `Commits::tree_state`.
std::optional<std::string> known_state(const Tree& tree);

/// Baseline by precedence (--base, --base-ref, the CI's target, the default branch), HEAD as the tree lies
/// there. `fresh`: both sides will be run, so labels that the environment gives to stored runs do not count.
Result<Commits> resolve_commits(const AppContext& context, const CommitChoice& choice, bool fresh,
                                BaselinePort& baseline);

}  // namespace ktstr
