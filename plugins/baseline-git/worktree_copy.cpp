// SPDX-License-Identifier: Apache-2.0
#include "worktree_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <ktstr/kit/numbers.hpp>

#include "tree_writer.hpp"

namespace ktstr::git {
namespace {

constexpr off_t kLarge = 64 << 20;

std::string size_text(off_t bytes) {
  const double mib = static_cast<double>(bytes) / (1 << 20);
  return mib < 1024 ? kit::fixed(mib, 0) + " MiB" : kit::fixed(mib / 1024, 1) + " GiB";
}

class Copy {
 public:
  Copy(int root, std::string prefix, TreeWriter& writer, const Services& services)
      : root_(root), prefix_(std::move(prefix)), writer_(writer), services_(services) {}

  /// One path as it is now; gone files are simply not there.
  void path(const WorktreeEntry& entry) {
    struct stat status {};
    if (::fstatat(root_, entry.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return unreadable(entry.path);
    if (S_ISLNK(status.st_mode)) {
      char target[PATH_MAX];
      const ssize_t n = ::readlinkat(root_, entry.path.c_str(), target, sizeof target);
      if (n < 0) return unreadable(entry.path);
      writer_.link(entry.path, {target, static_cast<std::size_t>(n)});
    } else if (S_ISREG(status.st_mode)) {
      const kit::Fd file(::openat(root_, entry.path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
      if (!file.open()) return unreadable(entry.path);
      if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
      if (entry.untracked && status.st_size >= kLarge) {
        services_.warn("the copy of the work tree takes the untracked " + prefix_ + entry.path + " along, " +
                       size_text(status.st_size) + ": if no build or test needs it, name it in .gitignore");
      }
      writer_.copy(entry.path, file.get(), status, services_.cancelled);
    }
  }

 private:
  void unreadable(const std::string& path) const {
    if (errno == ENOENT || errno == ENOTDIR) return;
    services_.warn("the copy of the work tree is without " + prefix_ + path +
                   ", which cannot be read: " + std::strerror(errno));
  }

  int root_;
  std::string prefix_;
  TreeWriter& writer_;
  const Services& services_;
};

}  // namespace

void copy_worktree(const std::filesystem::path& top, const std::string& prefix,
                   const std::vector<WorktreeEntry>& entries, const std::filesystem::path& destination,
                   const Services& services) {
  const kit::Fd root(::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.open()) fail("cannot open " + top.string());
  TreeWriter writer(destination.string());
  Copy copy(root.get(), prefix, writer, services);
  for (const WorktreeEntry& entry : entries) {
    if (services.cancelled()) throw sdk::Error(KTSTR_CANCELLED, "stopped while copying the work tree");
    if (!entry.repository) copy.path(entry);
  }
}

}  // namespace ktstr::git
