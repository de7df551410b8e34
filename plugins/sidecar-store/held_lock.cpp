// SPDX-License-Identifier: Apache-2.0
#include "held_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace ktstr::fs_store {
namespace {

std::string command_of(long pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::string text(200, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

}  // namespace

HeldLock::~HeldLock() {
  if (fd_ >= 0) ::close(fd_);
}

HeldLock HeldLock::try_take(const std::string& path, int flags, Kind kind) {
  HeldLock lock(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (lock.fd_ < 0) return {};
  if (::flock(lock.fd_, (kind == Kind::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    const int error = errno;
    lock = {};
    errno = error;
    return {};
  }
  struct stat ours {
  }, there{};
  if (::fstat(lock.fd_, &ours) == 0 && ::lstat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
      ours.st_dev == there.st_dev)
    return lock;
  errno = EWOULDBLOCK;
  return {};
}

/// /proc/locks has the holders. Overlay file systems and btrfs show another device there than stat does, so a
/// line with the right inode counts when no line has both.
std::string lock_holders(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};
  char id[64];
  std::snprintf(id, sizeof id, "%02x:%02x:%lu", major(info.st_dev), minor(info.st_dev),
                static_cast<unsigned long>(info.st_ino));
  const std::string inode = ":" + std::to_string(info.st_ino);
  std::ifstream locks("/proc/locks");
  std::string line, found, likely;
  while (std::getline(locks, line)) {
    std::istringstream fields(line);  // 1: FLOCK  ADVISORY  WRITE 1234 fe:00:56 0 EOF
    std::string number, kind, mode, access, file;
    long pid = 0;
    if (!(fields >> number >> kind >> mode >> access >> pid >> file) || kind != "FLOCK" ||
        !file.ends_with(inode) || pid <= 0)
      continue;
    std::string& out = file == id ? found : likely;
    if (!out.empty()) out += ", ";
    out += "pid " + std::to_string(pid);
    if (const std::string command = command_of(pid); !command.empty()) out += " (" + command + ")";
  }
  return found.empty() ? likely : found;
}

}  // namespace ktstr::fs_store
