// SPDX-License-Identifier: Apache-2.0
#include "resolution.hpp"

#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>

namespace ktstr::git {
namespace {

using sdk::Error;

/// " (did you mean "main"?)" over branches and tags.
std::string suggestion(Repository& repository, const std::string& name) {
  std::vector<std::string> names;
  for (const std::string& reference : repository.references()) {
    for (const std::string_view prefix : {"refs/heads/", "refs/tags/", "refs/remotes/"}) {
      if (reference.starts_with(prefix)) names.emplace_back(reference.substr(prefix.size()));
    }
  }
  return sdk::did_you_mean(name, names);
}

std::string shallow_hint(Repository& repository, const std::string& otherwise) {
  return repository.shallow()
             ? "this is a shallow clone: git fetch --unshallow (in GitHub Actions: fetch-depth: 0)"
             : otherwise;
}

void merge_base(Repository& repository, const std::string& other, const std::string& name,
                ktstr_resolved& out, std::uint32_t how) {
  const std::string head = repository.head();
  if (head.empty()) throw Error(KTSTR_NOT_FOUND, "the repository has no commit yet", "commit the project");
  const std::string base = repository.merge_base(head, other);
  if (base.empty())
    throw Error(KTSTR_NOT_FOUND, "HEAD and " + name + " have no common ancestor",
                shallow_hint(repository, "name a commit with --base"));
  out.how = how;
  sdk::fill_commit(*out.commit, sdk::commit_of(base, label_of(base)));
  sdk::copy_text(out.how_text, "merge base of HEAD and " + name);
}

/// Remote branches are fresher than local ones in CI, local ones are what a developer means; `first` says
/// which is tried first.
std::pair<std::string, std::string> branch(Repository& repository, const std::string& name, bool remote_first,
                                           const std::string& what) {
  const std::string remote = "origin/" + name;
  for (const std::string& candidate : remote_first ? std::vector{remote, name} : std::vector{name, remote}) {
    std::string commit = repository.find_commit(candidate);
    if (!commit.empty()) return {std::move(commit), candidate};
  }
  return {must_find(repository, name, what), name};
}

}  // namespace

std::string label_of(std::string_view commit) { return std::string(commit.substr(0, 7)); }

std::string must_find(Repository& repository, const std::string& name, const std::string& what) {
  std::string commit = repository.find_commit(name);
  if (!commit.empty()) return commit;
  throw Error(KTSTR_NOT_FOUND,
              what + ": \"" + name + "\" is no commit of this repository" + suggestion(repository, name),
              shallow_hint(repository, "git fetch origin, or name another commit with --base"));
}

void resolve_baseline(Repository& repository, const ktstr_baseline_request& request, ktstr_resolved& out) {
  const std::string base(sdk::view(request.base)), base_ref(sdk::view(request.base_ref)),
      ci_ref(sdk::view(request.ci_base_ref)), default_branch(sdk::view(request.default_branch));
  if (!base.empty()) {
    const std::string commit = must_find(repository, base, "--base");
    sdk::fill_commit(*out.commit, sdk::commit_of(commit, label_of(commit)));
    out.how = KTSTR_BASELINE_BASE;
    sdk::copy_text(out.how_text, "--base " + base);
  } else if (!base_ref.empty()) {
    merge_base(repository, must_find(repository, base_ref, "--base-ref"), base_ref, out,
               KTSTR_BASELINE_BASE_REF);
  } else if (!ci_ref.empty()) {
    const auto [commit, name] = branch(repository, ci_ref, true, "the merge request's target");
    merge_base(repository, commit, name, out, KTSTR_BASELINE_CI_REF);
  } else {
    const auto [commit, name] = branch(repository, default_branch, false, "the default branch");
    merge_base(repository, commit, name, out, KTSTR_BASELINE_DEFAULT);
  }
}

std::vector<LineCommit> first_parent_line(Repository& repository, const std::string& good,
                                          const std::string& bad) {
  const std::string oldest = must_find(repository, good, "--good"),
                    newest = must_find(repository, bad, "--bad");
  std::vector<LineCommit> line;
  const auto add = [&](const LineCommit& commit) { line.push_back(commit); };
  if (repository.first_parents(newest, oldest, add)) {
    KTSTR_ASSERT(!line.empty() && line.back().id == oldest);
    return line;
  }
  throw Error(KTSTR_NOT_FOUND, good + " is not among the first parents of " + bad,
              shallow_hint(repository, "--good must be an older commit of the same line"));
}

}  // namespace ktstr::git
