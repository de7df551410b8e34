// SPDX-License-Identifier: Apache-2.0
#include "run_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/assert.hpp>
#include <memory>

namespace ktstr::fs_store {
namespace {

// What a test leaves beside its sidecar: STEM.failure-NAME and STEM.artifact-NAME.
constexpr std::string_view kFailure = ".failure-", kArtifact = ".artifact-";
constexpr std::string_view kManifestSuffix = ".run-manifest.json";
constexpr std::string_view kReportSuffix = ".report.json";
constexpr std::string_view kSidecarSuffix = ".ktstr.json";

/// The finaliser of SplitMix64, chained.
std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash += 0x9E3779B97F4A7C15ULL + value;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBULL;
  return hash ^ (hash >> 31);
}

std::uint64_t mix(std::uint64_t hash, const struct stat& info) {
  hash = mix(mix(hash, info.st_dev), info.st_ino);
  return mix(mix(hash, static_cast<std::uint64_t>(nanoseconds(info.st_ctim))),
             static_cast<std::uint64_t>(nanoseconds(info.st_mtim)));
}

}  // namespace

std::uint64_t file_stamp(const struct stat& info) { return std::max<std::uint64_t>(mix(0, info), 1); }

namespace {

struct Entry {
  std::string name;
  bool may_be_directory;  ///< or a link to one
};

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;
Directory open_directory(const std::string& path) { return {::opendir(path.c_str()), ::closedir}; }

[[noreturn]] void fail_to_read(const std::string& directory, const std::string& why) {
  throw sdk::Error(KTSTR_IO, "cannot read the directory " + directory + ": " + why);
}

/// A path that is not there because a link on the way leads nowhere: what it led to may hold anything.
std::string dangling_link(std::string path) {
  KTSTR_ASSERT(path.starts_with('/'));  // else it would have no end
  struct stat info {};
  while (!path.empty() && ::lstat(path.c_str(), &info) != 0) path.resize(path.rfind('/'));
  return !path.empty() && S_ISLNK(info.st_mode) && ::stat(path.c_str(), &info) != 0 ? path : std::string();
}

std::vector<Entry> entries_of(const Directory& stream, const std::string& directory) {
  std::vector<Entry> entries;
  if (!stream) {
    const int error = errno;
    if (error != ENOENT) fail_to_read(directory, std::strerror(error));
    if (const std::string link = dangling_link(directory); !link.empty())
      fail_to_read(directory, link + " is a link that leads nowhere");
    return entries;
  }
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    const bool may_be_directory =
        entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
    if (name != "." && name != "..") entries.push_back({std::string(name), may_be_directory});
    errno = 0;
  }
  if (errno != 0 && errno != ENOENT) fail_to_read(directory, std::strerror(errno));
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

}  // namespace

bool is_artifact_name(std::string_view name) {
  if (name.ends_with(kSidecarSuffix)) return false;
  return name.find(kFailure) != std::string_view::npos || name.find(kArtifact) != std::string_view::npos ||
         name.ends_with(kManifestSuffix) || name.ends_with(kReportSuffix);
}
bool is_sidecar_name(std::string_view name) {
  return name.ends_with(".json") && name.find(".ktstr.") != std::string_view::npos && !is_artifact_name(name);
}
bool lies_beside(std::string_view sidecar, std::string_view artifact) {
  if (!sidecar.ends_with(kSidecarSuffix)) return false;
  const std::string_view stem = sidecar.substr(0, sidecar.size() - kSidecarSuffix.size());
  if (!is_artifact_name(artifact) || artifact.substr(0, stem.size()) != stem) return false;
  const std::string_view rest = artifact.substr(stem.size());
  return rest.starts_with(kFailure) || rest.starts_with(kArtifact);
}
bool is_run_file(std::string_view name) { return is_sidecar_name(name) || is_artifact_name(name); }

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool look(const std::string& path, struct stat& info) { return ::lstat(path.c_str(), &info) == 0; }

std::vector<std::string> names_in(const std::string& directory, bool directories_only) {
  std::vector<std::string> names;
  for (Entry& entry : entries_of(open_directory(directory), directory)) {
    if (entry.may_be_directory || !directories_only) names.push_back(std::move(entry.name));
  }
  return names;
}

namespace {

enum class Folder { kNone, kOpen, kClosed };

/// What an entry that may be a directory is to the run: a link is not followed, so what lies behind it cannot
/// be told.
Folder folder_of(int directory, const std::string& name) {
  struct stat info {};
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? Folder::kNone : Folder::kClosed;
  if (S_ISDIR(info.st_mode)) return Folder::kOpen;
  if (!S_ISLNK(info.st_mode)) return Folder::kNone;
  const bool leads_to_a_file = ::fstatat(directory, name.c_str(), &info, 0) == 0 && !S_ISDIR(info.st_mode);
  return leads_to_a_file ? Folder::kNone : Folder::kClosed;
}

}  // namespace

std::vector<File> files_in(const std::string& directory, bool (*wanted)(std::string_view), Closed closed) {
  std::vector<File> files;
  const Directory top = open_directory(directory);
  const auto add = [&](std::string name) {
    struct stat info {};
    const bool seen = ::fstatat(::dirfd(top.get()), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (!seen && errno == ENOENT) return;  // gone since
    File file{std::move(name)};
    if (seen && S_ISREG(info.st_mode)) {
      file.bytes = static_cast<std::uint64_t>(info.st_size);
      file.mtime_ns = nanoseconds(info.st_mtim);
      file.stamp = file_stamp(info);
    }
    files.push_back(std::move(file));
  };
  for (const Entry& entry : entries_of(top, directory)) {
    if (entry.name.front() == '.') continue;
    const bool is_wanted = wanted(entry.name);
    if (is_wanted) add(entry.name);
    Folder folder = entry.may_be_directory ? folder_of(::dirfd(top.get()), entry.name) : Folder::kNone;
    if (folder == Folder::kOpen) {
      try {
        for (const std::string& inner : names_in(directory + "/" + entry.name)) {
          if (wanted(inner)) add(entry.name + "/" + inner);
        }
      } catch (const sdk::Error&) {
        folder = Folder::kClosed;
      }
    }
    if (folder == Folder::kClosed && closed == Closed::kTold && !is_wanted) files.push_back({entry.name});
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.name < b.name; });
  return files;
}

namespace {

/// One call when no link is in the path; a kernel before 5.6 or a sandbox may not know it.
int open_without_links(int at, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_NO_SYMLINKS;
  return static_cast<int>(::syscall(SYS_openat2, at, path.c_str(), &how, sizeof how));
}

/// Part by part from `at`, which is closed.
int open_by_parts(int at, std::string_view relative, int flags) {
  while (at >= 0) {
    const std::size_t slash = relative.find('/');
    const std::string part(relative.substr(0, slash));
    const bool last = slash == std::string_view::npos;
    const int next =
        ::openat(at, part.c_str(), O_NOFOLLOW | O_CLOEXEC | (last ? flags : O_PATH | O_DIRECTORY));
    const int error = errno;
    ::close(at);
    errno = error;
    at = next;
    if (last) break;
    relative.remove_prefix(slash + 1);
  }
  return at;
}

}  // namespace

int open_beneath(const std::string& root, std::string_view relative, int flags) {
  KTSTR_ASSERT(!relative.empty() && relative.front() != '/' && !relative.starts_with(".."));
  const int fd = open_without_links(AT_FDCWD, root + "/" + std::string(relative), flags);
  if (fd >= 0 || (errno != ELOOP && errno != ENOSYS && errno != EPERM)) return fd;
  // A link may be in the root's own path, where it is followed.
  const int top = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (top < 0) return -1;
  const int found = open_beneath(top, relative, flags);
  const int error = errno;
  ::close(top);
  errno = error;
  return found;
}

int open_beneath(int directory, std::string_view relative, int flags) {
  KTSTR_ASSERT(!relative.empty() && relative.front() != '/' && !relative.starts_with(".."));
  const int fd = open_without_links(directory, std::string(relative), flags);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
  return open_by_parts(::fcntl(directory, F_DUPFD_CLOEXEC, 0), relative, flags);
}

void refuse_links(const std::string& root, std::string_view relative) {
  struct stat info {};
  for (std::size_t end = 0; end < relative.size(); ++end) {
    end = std::min(relative.find('/', end), relative.size());
    const std::string path = root + "/" + std::string(relative.substr(0, end));
    if (look(path, info) && S_ISLNK(info.st_mode))
      throw sdk::Error(KTSTR_IO, path + " is a symbolic link, and nothing is kept behind one",
                       "remove the link: rm " + path);
  }
}

std::uint64_t stamp_of(const std::string& directory, const struct stat& info) {
  std::uint64_t stamp = mix(1, info);
  // Two links are "." and the parent's entry. Other counts mean subdirectories, or a file system (btrfs) that
  // does not count them.
  if (info.st_nlink != 2) {
    try {
      for (const Entry& entry : entries_of(open_directory(directory), directory)) {
        struct stat inner {};
        if (entry.may_be_directory && look(directory + "/" + entry.name, inner) && S_ISDIR(inner.st_mode))
          stamp = mix(stamp, inner);
      }
    } catch (const sdk::Error&) {
      return 0;
    }
  }
  return std::max<std::uint64_t>(stamp, 1);
}

void check_relative(std::string_view text, const char* what, bool may_nest) {
  bool good =
      !text.empty() && text.front() != '/' && text.size() < 512 && text.find('\0') == std::string_view::npos;
  std::size_t parts = 0;
  for (std::size_t begin = 0; good && begin <= text.size(); ++parts) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    good = !part.empty() && part != "." && part != "..";
    begin = end + 1;
  }
  if (!good || (!may_nest && parts > 1) || parts > 4) {
    throw sdk::Error(KTSTR_INVALID_ARGUMENT,
                     std::string("not a usable ") + what + ": \"" + std::string(text) + "\"");
  }
}

}  // namespace ktstr::fs_store
