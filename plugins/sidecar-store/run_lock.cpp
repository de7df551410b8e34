// SPDX-License-Identifier: Apache-2.0
#include "run_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <ktstr/cpp/error.hpp>
#include <sstream>
#include <thread>

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

/// "pid 1234 (ktstr test)" for everybody who holds a flock on the file, by /proc/locks. Overlay file systems and btrfs show another
/// device there than stat does, so a line with the right inode counts when no line has both.
std::string holders(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return {};
  char id[64];
  std::snprintf(id, sizeof id, "%02x:%02x:%lu", major(info.st_dev), minor(info.st_dev), static_cast<unsigned long>(info.st_ino));
  const std::string inode = ":" + std::to_string(info.st_ino);
  std::ifstream locks("/proc/locks");
  std::string line, found, likely;
  while (std::getline(locks, line)) {
    std::istringstream fields(line);  // 1: FLOCK  ADVISORY  WRITE 1234 fe:00:56 0 EOF
    std::string number, kind, mode, access, file;
    long pid = 0;
    if (!(fields >> number >> kind >> mode >> access >> pid >> file) || kind != "FLOCK" || !file.ends_with(inode) || pid <= 0) continue;
    std::string& out = file == id ? found : likely;
    if (!out.empty()) out += ", ";
    out += "pid " + std::to_string(pid);
    if (const std::string command = command_of(pid); !command.empty()) out += " (" + command + ")";
  }
  return found.empty() ? likely : found;
}

}  // namespace

RunLock::RunLock(const std::string& path, std::chrono::milliseconds patience, const std::function<bool()>& cancelled) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (fd_ < 0) throw sdk::Error(KTSTR_IO, "cannot open the lock " + path + ": " + std::strerror(errno));
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const bool late = std::chrono::steady_clock::now() >= end;
    const bool stop = cancelled();
    if ((error != EWOULDBLOCK && error != EINTR) || late || stop) {
      const std::string who = holders(fd_);
      ::close(fd_);
      fd_ = -1;
      if (stop) throw sdk::Error(KTSTR_CANCELLED, "stopped while waiting for the lock " + path);
      if (!late) throw sdk::Error(KTSTR_IO, "cannot lock " + path + ": " + std::strerror(error));
      throw sdk::Error(KTSTR_CONFLICT,
                       "the lock " + path + " is held by " + (who.empty() ? "another process" : who) + " for " +
                           std::to_string(patience.count() / 1000) + " s",
                       "wait for that process, or end it; it writes the same run");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

RunLock::~RunLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace ktstr::fs_store
