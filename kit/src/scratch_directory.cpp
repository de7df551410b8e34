// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/scratch_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ktstr/kit/assert.hpp>
#include <string>
#include <vector>

#include "ktstr/kit/directories.hpp"

namespace ktstr::kit {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kLockSuffix = ".lock";
constexpr std::string_view kDrawn = "XXXXXX";

fs::path lock_of(const fs::path& directory) { return directory.string() + std::string(kLockSuffix); }

/// The lock on a scratch directory of this user; empty when its owner lives, or when it is another user's.
HeldLock lock_of_nobody(const fs::path& lock_file) {
  HeldLock lock = HeldLock::try_take(lock_file, O_RDWR | O_NONBLOCK);
  struct stat info {};
  if (!lock || ::fstat(lock.fd(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != ::geteuid())
    return {};
  return lock;
}

}  // namespace

// The lock is there before the directory and goes after it, so no moment to be killed at leaves a directory
// without one.
Outcome<ScratchDirectory> ScratchDirectory::make(const fs::path& parent, std::string_view prefix) {
  constexpr int kAttempts = 100;
  KTSTR_ASSERT(!prefix.empty() && prefix.find('/') == std::string_view::npos);
  int error = EBUSY;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string lock_file =
        (parent / (std::string(prefix) + std::string(kDrawn) + std::string(kLockSuffix))).string();
    const Fd drawn(::mkostemps(lock_file.data(), static_cast<int>(kLockSuffix.size()), O_CLOEXEC));
    if (!drawn.open()) return system_failure("cannot make a directory in", parent.string());
    HeldLock lock = HeldLock::try_take(lock_file, O_RDWR);
    if (!lock) {  // a sweep came in between, or this file system has no locks
      error = errno;
      if (error != EWOULDBLOCK && error != ESTALE && error != ENOENT) {
        ::unlink(lock_file.c_str());
        return system_failure("cannot lock", lock_file, error);
      }
      continue;
    }
    KTSTR_ASSERT(lock_file.ends_with(kLockSuffix));
    const fs::path path = lock_file.substr(0, lock_file.size() - kLockSuffix.size());
    if (::mkdir(path.c_str(), 0700) == 0) return ScratchDirectory(path, std::move(lock));
    error = errno;
    ::unlink(lock_file.c_str());
    if (error != EEXIST) return system_failure("cannot make the directory", path.string(), error);
  }
  return system_failure("cannot make a directory in", parent.string(), error);
}

void ScratchDirectory::remove() noexcept {
  if (path_.empty()) return;
  if (remove_tree(path_)) ::unlink(lock_of(path_).c_str());
  path_.clear();
  lock_ = {};
}

void ScratchDirectory::sweep(const fs::path& parent, std::string_view prefix) {
  KTSTR_ASSERT(!prefix.empty());  // else other people's directories would be among them
  std::error_code error;
  std::vector<fs::path> locks;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(kLockSuffix) &&
        name.size() == prefix.size() + kDrawn.size() + kLockSuffix.size())
      locks.push_back(it->path());
  }
  for (const fs::path& lock_file : locks) {
    const HeldLock lock = lock_of_nobody(lock_file);
    const std::string name = lock_file.string();
    if (lock && remove_tree(name.substr(0, name.size() - kLockSuffix.size()))) ::unlink(lock_file.c_str());
  }
}

}  // namespace ktstr::kit
