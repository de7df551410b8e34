// SPDX-License-Identifier: Apache-2.0
#include "session/commits.hpp"

#include <ktstr/kit/text.hpp>

#include "sidecar/run_key.hpp"

namespace ktstr {

std::optional<std::string> known_state(const Tree& tree) {
  if (!tree.dirty) return std::string();
  return tree.state.empty() ? std::nullopt : std::optional(tree.state);
}

Result<Commits> resolve_commits(const AppContext& context, const CommitChoice& choice, bool fresh,
                                BaselinePort& baseline) {
  const std::string path = context.config.project_dir.string();
  const auto tree = baseline.describe(path);
  if (!tree) return tree.error();
  BaselineRequest wanted{path, choice.base, choice.base_ref, context.environment.ci_base_ref,
                         choice.default_branch};
  if (wanted.default_branch.empty()) wanted.default_branch = context.config.default_branch;
  const auto resolved = baseline.resolve(wanted);
  if (!resolved) return resolved.error();
  std::string how = resolved->how_text;
  if (resolved->how == KTSTR_BASELINE_CI_REF) how += ", from " + context.environment.ci_base_variable;
  Commits commits{resolved->commit,
                  commit_label(resolved->commit, false),
                  how,
                  tree->commit,
                  commit_label(tree->commit, tree->dirty),
                  tree->dirty,
                  tree->subdirectory,
                  known_state(*tree)};
  if (!context.environment.project_commit.empty() && !fresh) {
    commits.head_label = context.environment.project_commit;
    commits.tree_state.reset();
  }
  if (commits.baseline_label == commits.head_label) {
    return usage_error("nothing to compare: the baseline (" + how + ") is HEAD, " + commits.head_label,
                       "name another commit, for example --base HEAD~1, or change something");
  }
  return commits;
}

}  // namespace ktstr
