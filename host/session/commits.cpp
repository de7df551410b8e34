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
  if (resolved->label == tree->label && resolved->commit != tree->commit) {
    return plugin_error("the commits " + printable(resolved->commit) + " and " + printable(tree->commit) +
                        " have one label, " + tree->label + ": their runs cannot be told apart");
  }
  Commits commits{resolved->commit,
                  resolved->label,
                  how,
                  tree->commit,
                  commit_label(tree->label, tree->dirty),
                  tree->label,
                  tree->dirty,
                  tree->subdirectory,
                  known_state(*tree),
                  baseline.diff_command(path, resolved->commit, tree->dirty ? "" : tree->commit)};
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
