// SPDX-License-Identifier: Apache-2.0
#include "plugin/trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "support/files.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

/// Empty when fine, else the reason.
std::string objection(const std::filesystem::path& path, bool directory) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return "cannot be looked at: " + std::string(std::strerror(errno));
  if (S_ISLNK(info.st_mode)) return "is a symbolic link";
  if (directory ? !S_ISDIR(info.st_mode) : !S_ISREG(info.st_mode)) return directory ? "is not a directory" : "is not a regular file";
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) return "belongs to user " + std::to_string(info.st_uid) + ", neither root nor you";
  const bool others_write = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (others_write && !(directory && (info.st_mode & S_ISVTX) != 0)) return "can be written by others (mode " + [&] {
    char text[8];
    std::snprintf(text, sizeof text, "%04o", info.st_mode & 07777U);
    return std::string(text);
  }() + ")";
  return {};
}

}  // namespace

Status check_trust(const std::filesystem::path& file, const std::vector<std::string>& trusted_sha256) {
  const std::string shown = printable(file.string());
  if (!trusted_sha256.empty()) {
    struct stat info {};
    if (::lstat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
      const auto sum = sha256_of_file(file);
      if (sum && std::find(trusted_sha256.begin(), trusted_sha256.end(), *sum) != trusted_sha256.end()) return Ok{};
    }
  }
  if (const std::string reason = objection(file, false); !reason.empty()) {
    const bool mode = reason.find("written by others") != std::string::npos;
    return plugin_error("not trusted: " + shown + " " + reason,
                        mode ? "chmod go-w " + shown : "install it as a file of root or yours, or add its sha256 to \"trust\" in your user configuration");
  }
  for (std::filesystem::path directory = file.parent_path();; directory = directory.parent_path()) {
    if (const std::string reason = objection(directory, true); !reason.empty()) {
      return plugin_error("not trusted: " + shown + " lies in " + printable(directory.string()) + ", which " + reason,
                          reason.find("written by others") != std::string::npos ? "chmod go-w " + printable(directory.string()) : "move the plugin to a directory of root or yours");
    }
    if (!directory.has_relative_path()) return Ok{};
  }
}

}  // namespace ktstr
