// SPDX-License-Identifier: Apache-2.0
#include "library_repository.hpp"

#include <sys/stat.h>

#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <string_view>

#include "worktree_place.hpp"

namespace ktstr::git {
namespace fs = std::filesystem;
namespace {

using Opened = Handle<git_repository, git_repository_free>;

Opened open(const fs::path& path, unsigned flags) {
  git_repository* repository = nullptr;
  const int code = git_repository_open_ext(&repository, path.c_str(), flags, nullptr);
  if (code == GIT_ENOTFOUND) return nullptr;
  check(code, path.string());
  return Opened(repository);
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

Commit must_find(git_repository* repository, const std::string& commit) {
  Commit found = lookup(repository, commit);
  if (!found) throw CannotRead("the commit " + commit + " is not there");
  return found;
}

git_oid oid_of(const std::string& hex_text) {
  git_oid id{};
  check(git_oid_fromstr(&id, hex_text.c_str()), hex_text);
  return id;
}

/// Whether a filter that the repository's attributes name stands between the file and what is stored.
bool is_filtered(git_repository* repository, const char* path) {
  const char* value = nullptr;
  return git_attr_get(&value, repository, GIT_ATTR_CHECK_FILE_THEN_INDEX, path, "filter") == 0 &&
         git_attr_value(value) == GIT_ATTR_VALUE_STRING;
}

StatusList status_of(git_repository* repository, git_status_show_t show, unsigned flags) {
  git_status_options options{};
  check(git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION), "libgit2");
  options.show = show;
  options.flags = flags;  // without UPDATE_INDEX: looking must not write
  git_status_list* list = nullptr;
  check(git_status_list_new(&list, repository, &options), "cannot compare the tree with HEAD");
  return StatusList(list);
}

Index index_of(git_repository* repository) {
  git_index* index = nullptr;
  check(git_repository_index(&index, repository), "the index");
  return Index(index);
}

}  // namespace

std::unique_ptr<LibraryRepository> LibraryRepository::around(const fs::path& path) {
  Opened repository = open(path, 0);
  if (!repository) return nullptr;
  const fs::path top = find_dot_git(path);
  // A linked work tree is where it is found: what the repository remembers of its place may be true outside
  // of a container only.
  if (!top.empty() && git_repository_is_worktree(repository.get()) == 1)
    check(git_repository_set_workdir(repository.get(), top.c_str(), 0), top.string());
  const char* worktree = git_repository_workdir(repository.get());
  if (!top.empty() && worktree != nullptr) refuse_foreign_worktree(top, worktree);
  return std::unique_ptr<LibraryRepository>(new LibraryRepository(std::move(repository)));
}

std::unique_ptr<LibraryRepository> LibraryRepository::at(const fs::path& git_directory) {
  Opened repository = open(git_directory, GIT_REPOSITORY_OPEN_NO_SEARCH);
  if (!repository) return nullptr;
  return std::unique_ptr<LibraryRepository>(new LibraryRepository(std::move(repository)));
}

fs::path LibraryRepository::git_directory() const { return git_repository_path(repository_.get()); }
fs::path LibraryRepository::common_directory() const { return git_repository_commondir(repository_.get()); }

fs::path LibraryRepository::worktree() const {
  const char* root = git_repository_workdir(repository_.get());
  return root == nullptr ? fs::path() : fs::path(root);
}

bool LibraryRepository::shallow() { return git_repository_is_shallow(repository_.get()) == 1; }

/// By its reference alone: a label needs no object.
std::string LibraryRepository::head() {
  git_reference* head = nullptr;
  const int code = git_repository_head(&head, repository_.get());
  if (code == GIT_EUNBORNBRANCH || code == GIT_ENOTFOUND) return {};
  check(code, "HEAD");
  const Reference owned(head);
  const git_oid* id = git_reference_target(head);
  return id == nullptr ? std::string() : hex(id);
}

std::string LibraryRepository::branch() {
  git_reference* head = nullptr;
  if (git_repository_head(&head, repository_.get()) < 0) return {};
  const Reference owned(head);
  return git_reference_is_branch(head) == 1 ? git_reference_shorthand(head) : std::string();
}

std::vector<std::string> LibraryRepository::changed_files() {
  git_repository* repository = repository_.get();
  if (git_repository_is_bare(repository) == 1) return {};
  git_object* tree = nullptr;  // libgit2 takes a tree that is not there for an empty one
  if (!head().empty()) check(git_revparse_single(&tree, repository, "HEAD^{tree}"), "the tree of HEAD");
  const Object owned(tree);
  const StatusList list =
      status_of(repository, GIT_STATUS_SHOW_INDEX_AND_WORKDIR, GIT_STATUS_OPT_EXCLUDE_SUBMODULES);
  const Index index = index_of(repository);
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < git_status_list_entrycount(list.get()); ++i) {
    const git_status_entry* entry = git_status_byindex(list.get(), i);
    const git_diff_delta* delta =
        entry->index_to_workdir != nullptr ? entry->index_to_workdir : entry->head_to_index;
    if (delta == nullptr || delta->old_file.path == nullptr) continue;
    const char* path = delta->old_file.path;
    if (entry->status == GIT_STATUS_WT_DELETED) {
      const git_index_entry* staged = git_index_get_bypath(index.get(), path, 0);
      if (staged != nullptr && (staged->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE) != 0) continue;
    }
    if (entry->status == GIT_STATUS_WT_MODIFIED && is_filtered(repository, path))
      throw CannotRead(std::string(path) + " goes through a filter");
    changed.emplace_back(path);
  }
  return changed;
}

std::vector<std::string> LibraryRepository::changed_submodules() {
  if (git_repository_is_bare(repository_.get()) == 1) return {};
  const StatusList list = status_of(repository_.get(), GIT_STATUS_SHOW_INDEX_AND_WORKDIR, 0);
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < git_status_list_entrycount(list.get()); ++i) {
    const git_status_entry* entry = git_status_byindex(list.get(), i);
    for (const git_diff_delta* delta : {entry->head_to_index, entry->index_to_workdir}) {
      const bool is_module = delta != nullptr && (delta->old_file.mode == GIT_FILEMODE_COMMIT ||
                                                  delta->new_file.mode == GIT_FILEMODE_COMMIT);
      if (is_module) changed.emplace_back(delta->new_file.path);
    }
  }
  return changed;
}

std::vector<std::string> LibraryRepository::changed_between(const std::string& one,
                                                            const std::string& other) {
  const auto tree_of = [&](const std::string& commit) {
    git_tree* tree = nullptr;
    check(git_commit_tree(&tree, must_find(repository_.get(), commit).get()), "the tree of " + commit);
    return Tree(tree);
  };
  const Tree old_tree = tree_of(one), new_tree = tree_of(other);
  git_diff* found = nullptr;
  check(git_diff_tree_to_tree(&found, repository_.get(), old_tree.get(), new_tree.get(), nullptr),
        "what changed between two commits");
  const Diff diff(found);
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i)
    changed.emplace_back(git_diff_get_delta(diff.get(), i)->new_file.path);
  return changed;
}

std::string LibraryRepository::find_commit(const std::string& name) {
  const Commit commit = lookup(repository_.get(), name);
  return commit ? hex(git_commit_id(commit.get())) : std::string();
}

std::string LibraryRepository::merge_base(const std::string& one, const std::string& other) {
  const git_oid first = oid_of(one), second = oid_of(other);
  git_oid base{};
  const int code = git_merge_base(&base, repository_.get(), &first, &second);
  if (code == GIT_ENOTFOUND) return {};
  check(code, "the merge base");
  return hex(&base);
}

std::vector<std::string> LibraryRepository::references() {
  git_strarray all{};
  check(git_reference_list(&all, repository_.get()), "the references");
  std::vector<std::string> names(all.strings, all.strings + all.count);
  git_strarray_dispose(&all);
  return names;
}

bool LibraryRepository::first_parents(const std::string& newest, const std::string& oldest,
                                      const FirstParentVisitor& visit) {
  Commit commit = must_find(repository_.get(), newest);
  for (;;) {
    KTSTR_ASSERT(commit != nullptr);
    const std::string id = hex(git_commit_id(commit.get()));
    const char* summary = git_commit_summary(commit.get());
    visit({id, summary == nullptr ? "" : summary, git_commit_time(commit.get())});
    if (id == oldest) return true;
    git_commit* parent = nullptr;
    if (git_commit_parentcount(commit.get()) == 0 || git_commit_parent(&parent, commit.get(), 0) < 0)
      return false;
    commit.reset(parent);
  }
}

std::vector<WorktreeEntry> LibraryRepository::worktree_entries() {
  const Index index = index_of(repository_.get());
  std::vector<WorktreeEntry> entries;
  for (std::size_t i = 0; i < git_index_entrycount(index.get()); ++i) {
    const git_index_entry* entry = git_index_get_byindex(index.get(), i);
    if (!entries.empty() && entries.back().path == entry->path) continue;  // the stages of a conflict
    entries.push_back({entry->path, false, entry->mode == GIT_FILEMODE_COMMIT});
  }
  const StatusList list = status_of(repository_.get(), GIT_STATUS_SHOW_WORKDIR_ONLY,
                                    GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                                        GIT_STATUS_OPT_EXCLUDE_SUBMODULES);
  for (std::size_t i = 0; i < git_status_list_entrycount(list.get()); ++i) {
    const git_status_entry* entry = git_status_byindex(list.get(), i);
    if (entry->index_to_workdir == nullptr || (entry->status & GIT_STATUS_WT_NEW) == 0) continue;
    std::string path = entry->index_to_workdir->new_file.path;
    const bool repository = path.ends_with('/');
    if (repository) path.pop_back();
    entries.push_back({std::move(path), true, repository});
  }
  return entries;
}

}  // namespace ktstr::git
