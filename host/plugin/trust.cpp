// SPDX-License-Identifier: Apache-2.0
#include "plugin/trust.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/hash.hpp>
#include <optional>

#include "support/files.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

constexpr off_t kLargestLibrary = 512 << 20;

/// Empty when fine, else the reason.
std::string objection(const std::filesystem::path& path, bool directory) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return "cannot be looked at: " + std::string(std::strerror(errno));
  if (S_ISLNK(info.st_mode)) return "is a symbolic link";
  if (directory ? !S_ISDIR(info.st_mode) : !S_ISREG(info.st_mode))
    return directory ? "is not a directory" : "is not a regular file";
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    return "belongs to user " + std::to_string(info.st_uid) + ", neither root nor you";
  const bool others_write = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (others_write && !(directory && (info.st_mode & S_ISVTX) != 0))
    return "can be written by others (mode " + [&] {
      char text[8];
      std::snprintf(text, sizeof text, "%04o", info.st_mode & 07777U);
      return std::string(text);
    }() + ")";
  return {};
}

Status check_ownership(const std::filesystem::path& file) {
  const std::string shown = printable(file.string());
  if (const std::string reason = objection(file, false); !reason.empty()) {
    const bool mode = reason.find("written by others") != std::string::npos;
    return plugin_error("not trusted: " + shown + " " + reason,
                        mode ? "chmod go-w " + shown
                             : "install it as a file of root or yours, or add its sha256 to \"trust\" in "
                               "your user configuration");
  }
  for (std::filesystem::path directory = file.parent_path();; directory = directory.parent_path()) {
    if (const std::string reason = objection(directory, true); !reason.empty()) {
      return plugin_error(
          "not trusted: " + shown + " lies in " + printable(directory.string()) + ", which " + reason,
          reason.find("written by others") != std::string::npos
              ? "chmod go-w " + printable(directory.string())
              : "move the plugin to a directory of root or yours");
    }
    if (!directory.has_relative_path()) return Ok{};
  }
}

bool is_listed(const std::string& sha256, const std::vector<std::string>& trusted) {
  return !sha256.empty() && std::find(trusted.begin(), trusted.end(), sha256) != trusted.end();
}

/// The bytes of a regular file that is no link; nothing when there is none.
std::optional<std::string> bytes_of(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  struct stat info {};
  std::string bytes;
  bool good = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= kLargestLibrary;
  if (good) bytes.resize(static_cast<std::size_t>(info.st_size));
  for (std::size_t have = 0; good && have < bytes.size();) {
    const ssize_t n = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    good = n > 0;
    if (good) have += static_cast<std::size_t>(n);
  }
  ::close(fd);
  return good ? std::optional(std::move(bytes)) : std::nullopt;
}

/// A file in memory that nobody can change any more, or -1.
int sealed_copy(std::string_view bytes, const std::string& name) {
  int fd = ::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  while (fd >= 0 && !bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (fd >= 0 && (!bytes.empty() ||
                  ::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)) {
    const int error = errno;
    ::close(fd);
    errno = error;
    fd = -1;
  }
  return fd;
}

}  // namespace

Status check_trust(const std::filesystem::path& file, const std::string& sha256,
                   const std::vector<std::string>& trusted) {
  return is_listed(sha256, trusted) ? Status(Ok{}) : check_ownership(file);
}

Result<TrustedLibrary> TrustedLibrary::open(const std::filesystem::path& file,
                                            const std::vector<std::string>& trusted) {
  const Status owned = check_ownership(file);
  if (owned) return TrustedLibrary(file.string(), -1);
  if (trusted.empty()) return owned.error();
  const std::optional<std::string> bytes = bytes_of(file);
  if (!bytes || !is_listed(kit::sha256_of(*bytes), trusted)) return owned.error();
  const int copy = sealed_copy(*bytes, file.filename().string().substr(0, 200));
  if (copy < 0) {
    return plugin_error(
        "cannot copy " + printable(file.string()) + " into memory: " + std::strerror(errno),
        "make it and the directories above it yours, and writable by nobody else; then no copy is needed");
  }
  return TrustedLibrary("/proc/self/fd/" + std::to_string(copy), copy);
}

TrustedLibrary::~TrustedLibrary() {
  if (copy_ >= 0) ::close(copy_);
}

}  // namespace ktstr
