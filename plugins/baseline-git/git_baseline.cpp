// SPDX-License-Identifier: Apache-2.0
#include "git_baseline.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <ktstr/cpp/names.hpp>
#include <vector>

#include "checkout.hpp"
#include "handles.hpp"
#include "tree_state.hpp"

namespace ktstr::git {
namespace fs = std::filesystem;
using sdk::Error;

namespace {

constexpr std::string_view kNoRepository = "is not in a git repository";

/// The repository around `path`, or null when there is none.
Repository open(std::string_view path) {
  git_repository* repository = nullptr;
  const int code = git_repository_open_ext(&repository, std::string(path).c_str(), 0, nullptr);
  if (code == GIT_ENOTFOUND) return nullptr;
  check(code, std::string(path));
  return Repository(repository);
}

Repository must_open(std::string_view path) {
  Repository repository = open(path);
  if (!repository) throw Error(KTSTR_UNAVAILABLE, std::string(path) + " " + std::string(kNoRepository), "run git init and commit the project");
  return repository;
}

/// A tracked file that differs from HEAD, in the index or on disk. Untracked files and submodules do not count.
bool is_dirty(git_repository* repository) {
  if (git_repository_is_bare(repository) == 1) return false;
  git_status_options options{};
  check(git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION), "libgit2");
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES;  // without UPDATE_INDEX: looking must not write
  git_status_list* list = nullptr;
  check(git_status_list_new(&list, repository, &options), "cannot compare the tree with HEAD");
  const StatusList owned(list);
  return git_status_list_entrycount(list) > 0;
}

Commit commit_of(git_object* object) {
  git_object* peeled = nullptr;
  check(git_object_peel(&peeled, object, GIT_OBJECT_COMMIT), "not a commit");
  return Commit(reinterpret_cast<git_commit*>(peeled));
}

Commit head_of(git_repository* repository) {
  git_object* object = nullptr;
  if (git_revparse_single(&object, repository, "HEAD^{commit}") < 0) throw Error(KTSTR_NOT_FOUND, "the repository has no commit yet", "commit the project");
  return commit_of(Object(object).get());
}

bool is_shallow(git_repository* repository) { return git_repository_is_shallow(repository) == 1; }

/// " (did you mean "main"?)" over branches and tags.
std::string suggestion(git_repository* repository, const std::string& name) {
  git_strarray all{};
  if (git_reference_list(&all, repository) < 0) return {};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.count; ++i) {
    const std::string_view reference = all.strings[i];
    for (const std::string_view prefix : {"refs/heads/", "refs/tags/", "refs/remotes/"}) {
      if (reference.starts_with(prefix)) names.emplace_back(reference.substr(prefix.size()));
    }
  }
  git_strarray_dispose(&all);
  return sdk::did_you_mean(name, names);
}

/// What a name means, or null.
Commit lookup(git_repository* repository, const std::string& name) {
  git_object* object = nullptr;
  if (name.empty() || git_revparse_single(&object, repository, name.c_str()) < 0) return nullptr;
  const Object owned(object);
  git_object* peeled = nullptr;
  if (git_object_peel(&peeled, object, GIT_OBJECT_COMMIT) < 0) return nullptr;
  return Commit(reinterpret_cast<git_commit*>(peeled));
}

std::string shallow_hint(git_repository* repository, const std::string& otherwise) {
  return is_shallow(repository) ? "this is a shallow clone: git fetch --unshallow (in GitHub Actions: fetch-depth: 0)" : otherwise;
}

Commit must_find(git_repository* repository, const std::string& name, const std::string& what) {
  Commit commit = lookup(repository, name);
  if (!commit) {
    throw Error(KTSTR_NOT_FOUND, what + ": \"" + name + "\" is no commit of this repository" + suggestion(repository, name),
                shallow_hint(repository, "git fetch origin, or name another commit with --base"));
  }
  return commit;
}

void merge_base(git_repository* repository, const Commit& other, const std::string& name, ktstr_resolved& out, std::uint32_t how) {
  const Commit head = head_of(repository);
  git_oid base{};
  const int code = git_merge_base(&base, repository, git_commit_id(head.get()), git_commit_id(other.get()));
  if (code == GIT_ENOTFOUND) {
    throw Error(KTSTR_NOT_FOUND, "HEAD and " + name + " have no common ancestor", shallow_hint(repository, "name a commit with --base"));
  }
  check(code, "merge base of HEAD and " + name);
  out.how = how;
  sdk::copy_text(out.commit, hex(&base));
  sdk::copy_text(out.how_text, "merge base of HEAD and " + name);
}

/// Remote branches are fresher than local ones in CI, local ones are what a developer means; `first` says which is tried first.
std::pair<Commit, std::string> branch(git_repository* repository, const std::string& name, bool remote_first, const std::string& what) {
  const std::string remote = "origin/" + name;
  for (const std::string& candidate : remote_first ? std::vector{remote, name} : std::vector{name, remote}) {
    if (Commit commit = lookup(repository, candidate)) return {std::move(commit), candidate};
  }
  return {must_find(repository, name, what), name};
}

}  // namespace

GitBaseline::GitBaseline() {
  git_libgit2_init();
  // CI checks out as one user and runs as another. Reading commits runs no hook, filter or configured program, so the check that
  // protects the git command from a stranger's configuration has nothing to protect here.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
}

GitBaseline::~GitBaseline() { git_libgit2_shutdown(); }

void GitBaseline::describe(std::string_view path, ktstr_tree& out) {
  const Repository repository = open(path);
  if (!repository) return;
  out.flags |= KTSTR_TREE_IS_REPOSITORY;
  if (is_shallow(repository.get())) out.flags |= KTSTR_TREE_SHALLOW;
  if (const char* root = git_repository_workdir(repository.get()); root != nullptr) {
    std::error_code error;
    const fs::path below = fs::relative(fs::canonical(std::string(path), error), fs::canonical(root, error), error);
    if (!error && below != "." && below.begin() != below.end() && *below.begin() != "..") {
      if (below.string().size() >= sizeof out.subdirectory) throw Error(KTSTR_UNSUPPORTED, "the project lies too deep below its repository: " + below.string());
      sdk::copy_text(out.subdirectory, below.string());
    }
  }
  git_reference* head = nullptr;
  const int code = git_repository_head(&head, repository.get());
  if (code == GIT_EUNBORNBRANCH || code == GIT_ENOTFOUND) return;
  check(code, "HEAD");
  const Reference owned(head);
  const Commit commit = head_of(repository.get());
  sdk::copy_text(out.commit, hex(git_commit_id(commit.get())));
  if (git_reference_is_branch(head) == 1) sdk::copy_text(out.branch, git_reference_shorthand(head));
  if (is_dirty(repository.get())) {
    out.flags |= KTSTR_TREE_DIRTY;
    sdk::copy_text(out.state, tree_state(repository.get()));
  }
}

void GitBaseline::resolve(const ktstr_baseline_request& request, ktstr_resolved& out) {
  const Repository repository = must_open(sdk::view(request.path));
  const std::string base(sdk::view(request.base)), base_ref(sdk::view(request.base_ref)), ci_ref(sdk::view(request.ci_base_ref)),
      default_branch(sdk::view(request.default_branch));
  if (!base.empty()) {
    const Commit commit = must_find(repository.get(), base, "--base");
    out.how = KTSTR_BASELINE_BASE;
    sdk::copy_text(out.commit, hex(git_commit_id(commit.get())));
    sdk::copy_text(out.how_text, "--base " + base);
  } else if (!base_ref.empty()) {
    merge_base(repository.get(), must_find(repository.get(), base_ref, "--base-ref"), base_ref, out, KTSTR_BASELINE_BASE_REF);
  } else if (!ci_ref.empty()) {
    const auto [commit, name] = branch(repository.get(), ci_ref, true, "the merge request's target");
    merge_base(repository.get(), commit, name, out, KTSTR_BASELINE_CI_REF);
  } else {
    const auto [commit, name] = branch(repository.get(), default_branch, false, "the default branch");
    merge_base(repository.get(), commit, name, out, KTSTR_BASELINE_DEFAULT);
  }
}

void GitBaseline::checkout(std::string_view path, std::string_view commit, std::string_view destination, std::uint32_t flags) {
  const Repository repository = must_open(path);
  TreeWriter writer{std::string(destination)};
  if ((flags & KTSTR_CHECKOUT_WORKTREE) != 0) {
    write_worktree(repository.get(), writer);
  } else {
    const Commit found = must_find(repository.get(), std::string(commit), "checkout");
    git_tree* tree = nullptr;
    check(git_commit_tree(&tree, found.get()), "the tree of " + std::string(commit));
    write_tree(repository.get(), Tree(tree).get(), writer);
  }
}

void GitBaseline::range(std::string_view path, std::string_view good, std::string_view bad, const sdk::CommitVisitor& visit) {
  const Repository repository = must_open(path);
  const Commit first = must_find(repository.get(), std::string(good), "--good");
  std::vector<Commit> line;
  line.push_back(must_find(repository.get(), std::string(bad), "--bad"));
  while (git_oid_equal(git_commit_id(line.back().get()), git_commit_id(first.get())) == 0) {
    git_commit* parent = nullptr;
    if (git_commit_parentcount(line.back().get()) == 0 || git_commit_parent(&parent, line.back().get(), 0) < 0) {
      throw Error(KTSTR_NOT_FOUND, std::string(good) + " is not among the first parents of " + std::string(bad),
                  shallow_hint(repository.get(), "--good must be an older commit of the same line"));
    }
    line.emplace_back(parent);
  }
  for (auto commit = line.rbegin(); commit != line.rend(); ++commit) {
    const char* summary = git_commit_summary(commit->get());
    visit(hex(git_commit_id(commit->get())), summary == nullptr ? "" : summary);
  }
}

}  // namespace ktstr::git
