// SPDX-License-Identifier: Apache-2.0
#include "config/project_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace fs = std::filesystem;
namespace {

/// Whose files one may believe.
class Owners {
 public:
  explicit Owners(const std::string& sudo_uid) {
    if (::geteuid() != 0) return;
    unsigned number = 0;
    const auto [end, failed] = std::from_chars(sudo_uid.data(), sudo_uid.data() + sudo_uid.size(), number);
    if (failed == std::errc() && end == sudo_uid.data() + sudo_uid.size() && !sudo_uid.empty())
      behind_sudo_ = number;
  }
  bool know(uid_t owner) const { return owner == 0 || owner == ::geteuid() || owner == behind_sudo_; }

 private:
  uid_t behind_sudo_ = 0;
};

bool is_safe(const fs::path& directory, const std::vector<std::string>& safe) {
  return std::any_of(safe.begin(), safe.end(), [&](const std::string& entry) {
    if (entry == "*") return true;
    if (!entry.ends_with("/*")) return fs::path(entry).lexically_normal() == directory;
    return directory.string().starts_with(entry.substr(0, entry.size() - 1));
  });
}

/// The highest directory that a ktstr.json for `cwd` may lie in.
fs::path search_limit(const fs::path& cwd) {
  for (fs::path directory = cwd;; directory = directory.parent_path()) {
    struct stat info {};
    if (::lstat((directory / ".git").c_str(), &info) == 0) return directory;
    if (!directory.has_relative_path()) return cwd;
  }
}

Error stranger(const fs::path& what, const fs::path& project, uid_t owner) {
  return usage_error(printable(what.string()) + " belongs to user " + std::to_string(owner) +
                         ", neither you nor root: its project is not used",
                     "if you trust it, say so in ~/.config/ktstr/config.json: \"safe_directories\": [\"" +
                         printable(project.string()) +
                         "\"], or in a container: KTSTR_SAFE_DIRECTORIES=" + printable(project.string()));
}

/// Reads the file that was checked, not another one of that name.
Result<std::string> read_checked(const fs::path& file, const fs::path& directory, const Owners& owners,
                                 bool safe) {
  const kit::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!fd.open() || ::fstat(fd.get(), &info) != 0)
    return to_error(kit::system_failure("cannot read", file.string()), {}, ExitCode::kUsage);
  if (!safe && !owners.know(info.st_uid)) return stranger(file, directory, info.st_uid);
  auto text = kit::read_file(fd.get(), file.string(), kMaxConfigFile);
  if (text) return *std::move(text);
  if (text.error().kind == kit::Failure::Kind::kSystem) return to_error(text.error(), {}, ExitCode::kUsage);
  return usage_error("cannot read " + printable(file.string()) + ": not a regular file of at most 4 MiB");
}

}  // namespace

Result<std::optional<ProjectFile>> find_project_file(const std::string& cwd,
                                                     const std::vector<std::string>& safe,
                                                     const std::string& sudo_uid) {
  if (cwd.empty()) return std::optional<ProjectFile>();
  const fs::path limit = search_limit(cwd);
  const Owners owners(sudo_uid);
  for (fs::path directory = cwd;; directory = directory.parent_path()) {
    struct stat info {};
    if (const fs::path file = directory / "ktstr.json";
        ::lstat(file.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
      const bool safe_one = is_safe(directory, safe);
      if (!safe_one && !owners.know(info.st_uid)) return stranger(file, directory, info.st_uid);
      for (fs::path above = directory; !safe_one; above = above.parent_path()) {
        if (::stat(above.c_str(), &info) == 0 && !owners.know(info.st_uid))
          return stranger(above, directory, info.st_uid);
        if (above == limit) break;
      }
      auto text = read_checked(file, directory, owners, safe_one);
      if (!text) return text.error();
      return std::optional(ProjectFile{directory, std::move(*text)});
    }
    if (directory == limit) return std::optional<ProjectFile>();
  }
}

}  // namespace ktstr
