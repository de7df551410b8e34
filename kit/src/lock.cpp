// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <sstream>
#include <thread>

#include "ktstr/kit/read_file.hpp"

namespace ktstr::kit {
namespace {

std::string command_of(long pid) {
  constexpr std::uint64_t kMostArguments = 4 << 20;
  constexpr std::size_t kShown = 200;
  const auto arguments = read_file("/proc/" + std::to_string(pid) + "/cmdline", kMostArguments);
  std::string text = arguments ? arguments->substr(0, kShown) : std::string();
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

}  // namespace

HeldLock HeldLock::try_take(const std::filesystem::path& path, int flags, Kind kind) {
  Fd fd(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!fd.open() || ::flock(fd.get(), (kind == Kind::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) return {};
  struct stat ours {
  }, there{};
  if (::fstat(fd.get(), &ours) == 0 && ::lstat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
      ours.st_dev == there.st_dev)
    return HeldLock(std::move(fd));
  errno = ESTALE;
  return {};
}

HeldLock HeldLock::wait(const std::filesystem::path& path, int flags, Kind kind,
                        std::chrono::milliseconds step, const std::function<bool()>& give_up) {
  for (;;) {
    HeldLock lock = try_take(path, flags, kind);
    if (lock || (errno != EWOULDBLOCK && errno != EINTR && errno != ESTALE)) return lock;
    if (give_up()) {
      errno = EWOULDBLOCK;
      return {};
    }
    std::this_thread::sleep_for(step);
  }
}

namespace {

/// /proc/locks has the holders. Overlay file systems and btrfs show another device there than stat does, so a
/// line with the right inode counts when no line has both.
std::string holders_now(const std::string& id, const std::string& inode) {
  constexpr std::uint64_t kMostLocks = 64 << 20;
  const auto all = read_file("/proc/locks", kMostLocks);
  std::istringstream locks(all ? *all : std::string());
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

}  // namespace

std::string lock_holders(const std::filesystem::path& path) {
  constexpr int kMostLooks = 3;
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};
  char id[64];
  std::snprintf(id, sizeof id, "%02x:%02x:%lu", major(info.st_dev), minor(info.st_dev),
                static_cast<unsigned long>(info.st_ino));
  // The kernel hands out the list in pieces, and what others let go between two of them moves the rest: a
  // lock that is held may be passed over.
  std::string holders;
  for (int look = 0; look < kMostLooks && holders.empty(); ++look)
    holders = holders_now(id, ":" + std::to_string(info.st_ino));
  return holders;
}

}  // namespace ktstr::kit
