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

std::string tree_state(const std::filesystem::path& top, const std::string& head,
                       const std::vector<std::string>& changed) {
  std::string text = head + "\n";
  for (const std::string& path : changed) {
    text += path + '\0';
    if (!describe_file((top / path).string(), text)) return {};
    text += "\n";
  }
  git_oid id{};
  return git_odb_hash(&id, text.data(), text.size(), GIT_OBJECT_BLOB) == 0 ? hex(&id) : std::string();
}

}  // namespace ktstr::git
