// SPDX-License-Identifier: Apache-2.0
#include "machine/scratch_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kLockSuffix = ".lock";

/// Locks an open lock file. False when somebody else holds it, or when it is not the file of that name (any
/// more).
bool hold(const Fd& fd, const fs::path& path) {
  struct stat ours {
  }, there{};
  return ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(fd.get(), &ours) == 0 &&
         ours.st_uid == ::geteuid() && ::lstat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

}  // namespace

// The lock is there before the directory and goes after it, so no moment to be killed at leaves a directory
// without one.
ScratchDirectory ScratchDirectory::make(const fs::path& parent) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string lock_file = (parent / (std::string(kPrefix) + "XXXXXX" + std::string(kLockSuffix))).string();
    Fd lock(::mkostemps(lock_file.data(), static_cast<int>(kLockSuffix.size()), O_CLOEXEC));
    if (!lock.open()) throw_file_error("cannot make a directory in", parent);
    const fs::path path = lock_file.substr(0, lock_file.size() - kLockSuffix.size());
    if (!hold(lock, lock_file)) continue;  // a sweep came in between
    if (::mkdir(path.c_str(), 0700) == 0) return {path, std::move(lock)};
    const int error = errno;
    ::unlink(lock_file.c_str());
    errno = error;
    if (error != EEXIST) throw_file_error("cannot make the directory", path);
  }
  throw FileError("cannot make a directory in " + parent.string() + ": every name that was tried is taken");
}

void ScratchDirectory::remove() noexcept {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  ::unlink((path_.string() + std::string(kLockSuffix)).c_str());
  path_.clear();
  lock_.reset();
}

void ScratchDirectory::sweep(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> locks;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(kPrefix) && name.ends_with(kLockSuffix)) locks.push_back(it->path());
  }
  for (const fs::path& lock_file : locks) {
    const Fd lock(::open(lock_file.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!lock.open() || !hold(lock, lock_file)) continue;
    const std::string text = lock_file.string();
    fs::remove_all(text.substr(0, text.size() - kLockSuffix.size()), error);
    ::unlink(lock_file.c_str());
  }
}

}  // namespace ktstr::kvm
