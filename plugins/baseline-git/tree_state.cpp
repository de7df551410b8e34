// SPDX-License-Identifier: Apache-2.0
#include "tree_state.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "handles.hpp"

namespace ktstr::git {
namespace {

/// What lies at `path`: its kind and content. A file that is gone has none.
bool describe_file(const std::string& path, std::string& out) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    out += "gone";
    return errno == ENOENT || errno == ENOTDIR;
  }
  if (S_ISLNK(info.st_mode)) {
    std::string target(4096, '\0');
    const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
    if (length < 0) return false;
    target.resize(static_cast<std::size_t>(length));
    out += "link " + target;
    return true;
  }
  git_oid id{};
  if (!S_ISREG(info.st_mode) || git_odb_hashfile(&id, path.c_str(), GIT_OBJECT_BLOB) != 0) return false;
  out += ((info.st_mode & S_IXUSR) != 0 ? "program " : "file ") + hex(&id);
  return true;
}

}  // namespace

std::string tree_state(git_repository* repository) {
  const char* root = git_repository_workdir(repository);
  git_oid head{};
  git_status_options options{};
  if (root == nullptr || git_reference_name_to_id(&head, repository, "HEAD") != 0 ||
      git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION) != 0)
    return {};
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
  git_status_list* list = nullptr;
  if (git_status_list_new(&list, repository, &options) != 0) return {};
  const StatusList owned(list);
  std::string text = hex(&head) + "\n";
  for (std::size_t i = 0; i < git_status_list_entrycount(list); ++i) {
    const git_status_entry* entry = git_status_byindex(list, i);
    const git_diff_delta* delta =
        entry->index_to_workdir != nullptr ? entry->index_to_workdir : entry->head_to_index;
    if (delta == nullptr || delta->new_file.path == nullptr) return {};
    text += std::string(delta->new_file.path) + '\0';
    if (!describe_file(std::string(root) + delta->new_file.path, text)) return {};
    text += "\n";
  }
  git_oid id{};
  return git_odb_hash(&id, text.data(), text.size(), GIT_OBJECT_BLOB) == 0 ? hex(&id) : std::string();
}

}  // namespace ktstr::git
