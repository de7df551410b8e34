// SPDX-License-Identifier: Apache-2.0
#include "plugin/trust.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>
#include <utility>

namespace ktstr {
namespace {

constexpr std::uint64_t kLargestLibrary = 512 << 20;

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
                             : "install it as a file of root or yours, or trust it as it is: "
                               "ktstr plugin trust " +
                                   shown);
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

Error unlisted(const std::filesystem::path& file) {
  const std::string shown = printable(file.string());
  return plugin_error("not trusted: " + shown + ", and --safe loads nothing else",
                      "look at it, then: ktstr plugin trust " + shown);
}

bool is_listed(const std::string& sha256, const std::vector<std::string>& trusted) {
  return !sha256.empty() && std::find(trusted.begin(), trusted.end(), sha256) != trusted.end();
}

/// A file in memory that nobody can change any more; closed and errno when there is none to be had.
kit::Fd sealed_copy(std::string_view bytes, const std::string& name) {
  kit::Fd file(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.open() &&
      (!kit::write_all(file.get(), bytes) ||
       ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0))
    file.reset();
  return file;
}

}  // namespace

Status check_trust(const std::filesystem::path& file, const std::string& sha256,
                   const std::vector<std::string>& trusted, TrustBy by) {
  if (is_listed(sha256, trusted)) return Ok{};
  return by == TrustBy::kHashAlone ? Status(unlisted(file)) : check_ownership(file);
}

Result<TrustedLibrary> TrustedLibrary::open(const std::filesystem::path& file,
                                            const std::vector<std::string>& trusted, TrustBy by) {
  const Status owned = by == TrustBy::kHashAlone ? Status(unlisted(file)) : check_ownership(file);
  if (owned) return TrustedLibrary(file.string(), kit::Fd());
  if (trusted.empty()) return owned.error();
  const auto bytes = kit::read_file(file, kLargestLibrary, O_NOFOLLOW);
  if (!bytes || !is_listed(kit::sha256_of(*bytes), trusted)) return owned.error();
  kit::Fd copy = sealed_copy(*bytes, file.filename().string().substr(0, 200));
  if (!copy.open()) {
    return plugin_error(
        "cannot copy " + printable(file.string()) + " into memory: " + std::strerror(errno),
        "make it and the directories above it yours, and writable by nobody else; then no copy is needed");
  }
  const std::string name = "/proc/self/fd/" + std::to_string(copy.get());
  return TrustedLibrary(name, std::move(copy));
}

}  // namespace ktstr
