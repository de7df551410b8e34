// SPDX-License-Identifier: Apache-2.0
//
// A commit's files out of the object database. We write them ourselves: libgit2's checkout wants an index.
#include <ktstr/kit/read_file.hpp>
#include <string_view>

#include "library_repository.hpp"
#include "tree_writer.hpp"

namespace ktstr::git {
namespace fs = std::filesystem;
namespace {

Tree tree_of(git_repository* repository, const std::string& commit) {
  git_object* object = nullptr;
  check(git_revparse_single(&object, repository, (commit + "^{tree}").c_str()), "the tree of " + commit);
  return Tree(reinterpret_cast<git_tree*>(object));
}

Blob blob_of(git_repository* repository, const git_tree_entry* entry) {
  git_blob* blob = nullptr;
  check(git_blob_lookup(&blob, repository, git_tree_entry_id(entry)), git_tree_entry_name(entry));
  return Blob(blob);
}

std::string_view bytes_of(const Blob& blob) {
  return {static_cast<const char*>(git_blob_rawcontent(blob.get())),
          static_cast<std::size_t>(git_blob_rawsize(blob.get()))};
}

/// Walks with a function that may throw: libgit2 is C, and nothing may fly through it.
template <typename Visit>
int walk_tree(git_tree* tree, Visit visit) {
  struct Walk {
    Visit& visit;
    std::exception_ptr failure;
  } walk{visit, nullptr};
  const auto call = [](const char* root, const git_tree_entry* entry, void* payload) {
    auto* self = static_cast<Walk*>(payload);
    try {
      return self->visit(std::string(root) + git_tree_entry_name(entry), entry) ? 0 : -1;
    } catch (...) {
      self->failure = std::current_exception();
      return -1;
    }
  };
  const int code = git_tree_walk(tree, GIT_TREEWALK_PRE, call, &walk);
  if (walk.failure) std::rethrow_exception(walk.failure);
  return code;
}

/// The attribute in this text, if any, for which what is checked out is not what is stored.
std::string conversion_in(std::string_view attributes) {
  for (const std::string_view word : {"filter=", "eol=crlf", "working-tree-encoding=", "ident"}) {
    if (attributes.find(word) != std::string_view::npos) return std::string(word);
  }
  return {};
}

std::string setting(git_repository* repository, const char* name) {
  git_config* snapshot = nullptr;
  if (git_repository_config_snapshot(&snapshot, repository) < 0) return {};
  const Config config(snapshot);
  const char* value = nullptr;
  return git_config_get_string(&value, snapshot, name) == 0 && value != nullptr ? value : std::string();
}

/// core.sparseCheckout is the work tree's own setting, which libgit2 before 1.8 does not read.
bool is_sparse(git_repository* repository) {
  int sparse = 0;
  git_config* opened = nullptr;
  const std::string own = std::string(git_repository_path(repository)) + "config.worktree";
  if (git_config_open_ondisk(&opened, own.c_str()) == 0) {
    const Config config(opened);
    if (git_config_get_bool(&sparse, opened, "core.sparsecheckout") == 0) return sparse != 0;
  }
  const std::string value = setting(repository, "core.sparsecheckout");
  return git_config_parse_bool(&sparse, value.c_str()) == 0 && !value.empty() && sparse != 0;
}

}  // namespace

CommitSurvey LibraryRepository::survey(const std::string& commit) {
  git_repository* repository = repository_.get();
  CommitSurvey found;
  found.sparse = is_sparse(repository);
  if (setting(repository, "core.autocrlf") == "true") found.conversion = "core.autocrlf";
  if (found.conversion.empty())
    found.conversion = conversion_in(kit::text_of(common_directory() / "info/attributes"));
  git_odb* opened = nullptr;
  check(git_repository_odb(&opened, repository), "the objects");
  const Odb objects(opened);
  const int code =
      walk_tree(tree_of(repository, commit).get(), [&](const std::string& path, const git_tree_entry* entry) {
        const git_filemode_t mode = git_tree_entry_filemode(entry);
        if (mode == GIT_FILEMODE_TREE || mode == GIT_FILEMODE_COMMIT) return true;
        found.missing = git_odb_exists(opened, git_tree_entry_id(entry)) == 0;
        if (found.missing) return false;
        if (found.conversion.empty() && (path == ".gitattributes" || path.ends_with("/.gitattributes"))) {
          found.conversion = conversion_in(bytes_of(blob_of(repository, entry)));
        }
        return true;
      });
  if (code == GIT_ENOTFOUND) found.missing = true;  // a tree
  if (!found.missing) check(code, "cannot read the commit's tree");
  return found;
}

std::vector<Gitlink> LibraryRepository::write_commit(const std::string& commit, const fs::path& destination) {
  git_repository* repository = repository_.get();
  TreeWriter writer(destination.string());
  std::vector<Gitlink> links;
  check(walk_tree(tree_of(repository, commit).get(),
                  [&](const std::string& path, const git_tree_entry* entry) {
                    const git_filemode_t mode = git_tree_entry_filemode(entry);
                    if (mode == GIT_FILEMODE_TREE) return true;
                    if (mode == GIT_FILEMODE_COMMIT) {
                      writer.directory(path);
                      links.push_back({path, hex(git_tree_entry_id(entry))});
                      return true;
                    }
                    const Blob blob = blob_of(repository, entry);
                    if (mode == GIT_FILEMODE_LINK) {
                      writer.link(path, bytes_of(blob));
                    } else {
                      writer.file(path, bytes_of(blob), mode == GIT_FILEMODE_BLOB_EXECUTABLE);
                    }
                    return true;
                  }),
        "cannot read the commit's tree");
  return links;
}

}  // namespace ktstr::git
