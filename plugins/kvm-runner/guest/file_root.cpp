// SPDX-License-Identifier: Apache-2.0
#include "guest/file_root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "report/text.hpp"

namespace ktstr::kvm {
namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

bool read_open_file(int fd, std::string& contents, std::string& why) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return why = "is not a regular file", false;
  if (static_cast<std::uint64_t>(info.st_size) > kLargestGuestFile) {
    why = "is too large for a guest (limit " + std::to_string(kLargestGuestFile >> 20U) + " MiB)";
    return false;
  }
  contents.resize(static_cast<std::size_t>(info.st_size));
  std::size_t have = 0;
  while (have < contents.size()) {
    const ssize_t got = ::read(fd, contents.data() + have, contents.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return why = std::string("cannot be read: ") + std::strerror(errno), false;
    if (got == 0) return why = "became shorter while it was read", false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

bool read_and_close(int fd, std::string& contents, std::string& why) {
  if (fd < 0)
    return why =
               errno == ENOENT ? "does not exist" : std::string("cannot be opened: ") + std::strerror(errno),
           false;
  const bool good = read_open_file(fd, contents, why);
  ::close(fd);
  return good;
}

}  // namespace

bool read_guest_file(const std::filesystem::path& path, std::string& contents, std::string& why) {
  return read_and_close(::open(path.c_str(), kFlags), contents, why);
}

FileRoot::FileRoot(std::filesystem::path root) : root_(std::move(root)) {}

std::string FileRoot::shown(const std::string& path) const {
  return printable(is_host() ? path : root_.string() + path, 300);
}

bool FileRoot::read(const std::string& path, std::string& contents, std::string& why) const {
  if (is_host()) return read_guest_file(path, contents, why);
  const int root = ::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0)
    return why = "lies in " + printable(root_.string(), 200) +
                 ", which cannot be opened: " + std::strerror(errno),
           false;
  open_how how{};
  how.flags = kFlags;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const int fd = static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
  const int error = errno;
  ::close(root);
  errno = error;
  return read_and_close(fd, contents, why);
}

}  // namespace ktstr::kvm
