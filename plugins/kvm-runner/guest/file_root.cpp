// SPDX-License-Identifier: Apache-2.0
#include "guest/file_root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::kvm {
namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

bool read_opened(const kit::Fd& fd, std::string& contents, std::string& why) {
  if (!fd.open())
    return why =
               errno == ENOENT ? "does not exist" : std::string("cannot be opened: ") + std::strerror(errno),
           false;
  auto bytes = kit::read_file(fd.get(), {}, kLargestGuestFile);
  if (bytes) return contents = *std::move(bytes), true;
  switch (const kit::Failure& failure = bytes.error(); failure.kind) {
    case kit::Failure::Kind::kInvalid: why = "is " + failure.reason; break;
    case kit::Failure::Kind::kLimit:
      why = "is too large for a guest (limit " + std::to_string(kLargestGuestFile >> 20U) + " MiB)";
      break;
    default: why = "cannot be read: " + failure.reason;
  }
  return false;
}

}  // namespace

bool read_guest_file(const std::filesystem::path& path, std::string& contents, std::string& why) {
  return read_opened(kit::Fd(::open(path.c_str(), kFlags)), contents, why);
}

FileRoot::FileRoot(std::filesystem::path root) : root_(std::move(root)) {}

std::string FileRoot::shown(const std::string& path) const {
  return printable_start(is_host() ? path : root_.string() + path, 300);
}

bool FileRoot::read(const std::string& path, std::string& contents, std::string& why) const {
  if (is_host()) return read_guest_file(path, contents, why);
  const kit::Fd root(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.open())
    return why = "lies in " + printable_start(root_.string(), 200) +
                 ", which cannot be opened: " + std::strerror(errno),
           false;
  open_how how{};
  how.flags = kFlags;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const kit::Fd fd(static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  return read_opened(fd, contents, why);
}

}  // namespace ktstr::kvm
