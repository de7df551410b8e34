// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/directories.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "ktstr/kit/fd.hpp"

namespace ktstr::kit {
namespace fs = std::filesystem;
namespace {

constexpr const char* kCannotMake = "cannot make the directory";

Done make(const fs::path& directory, mode_t mode, bool durable) {
  std::vector<fs::path> missing;
  struct stat info {};
  for (fs::path path = directory; !path.empty() && ::stat(path.c_str(), &info) != 0;) {
    if (errno != ENOENT) return system_failure(kCannotMake, directory.string());
    if (path.has_filename()) missing.push_back(path);
    if (!path.has_relative_path()) break;
    path = path.parent_path();
  }
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    if (::mkdir(path->c_str(), mode) != 0 && errno != EEXIST)
      return system_failure(kCannotMake, path->string());
    if (!durable) continue;
    const fs::path above = path->has_parent_path() ? path->parent_path() : fs::path(".");
    if (Done synced = sync_directory(above); !synced) return synced;
  }
  if (::stat(directory.c_str(), &info) != 0) return system_failure(kCannotMake, directory.string());
  if (!S_ISDIR(info.st_mode)) return system_failure(kCannotMake, directory.string(), ENOTDIR);
  return Nothing{};
}

}  // namespace

Done make_directories(const fs::path& directory, mode_t mode) { return make(directory, mode, false); }
Done make_directories_durably(const fs::path& directory) { return make(directory, 0777, true); }

Done sync_directory(const fs::path& directory) {
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // One that may be passed through but not read was there before us.
  if (!fd.open() && errno == EACCES) return Nothing{};
  if (!fd.open()) return system_failure("cannot open", directory.string());
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return system_failure("cannot sync", directory.string());
  return Nothing{};
}

bool remove_tree(const fs::path& path) noexcept {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return true;
  try {
    fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
    for (; !error && it != end; it.increment(error)) {
      std::error_code ignored;
      if (it->is_directory(ignored) && !it->is_symlink(ignored))
        fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
    }
  } catch (...) {  // no memory: what is left is found by a sweep
    return false;
  }
  fs::remove_all(path, error);
  return !error;
}

}  // namespace ktstr::kit
