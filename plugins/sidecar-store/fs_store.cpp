// SPDX-License-Identifier: Apache-2.0
#include "fs_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/fd.hpp>
#include <memory>
#include <vector>

#include "durable_file.hpp"
#include "fs_run.hpp"
#include "history.hpp"
#include "removal.hpp"
#include "run_directory.hpp"

namespace ktstr::fs_store {

FsStore::FsStore(Options options)
    : options_(std::move(options)), sessions_(options_.root, options_.sessions_keep) {
  const std::string& place = options_.directory.empty() ? options_.root : options_.directory;
  if (place.empty() || place.front() != '/') {
    throw sdk::Error(KTSTR_INVALID_ARGUMENT,
                     "the store fs needs an absolute directory for its runs, got \"" + place + "\"");
  }
}

std::string FsStore::run_directory(std::string_view run_key) const {
  if (!options_.directory.empty()) return options_.directory;
  check_relative(run_key, "run key", true);
  KTSTR_ASSERT(options_.root.starts_with('/'));
  return options_.root + "/" + std::string(run_key);
}

namespace {

/// A link in place of a run is not followed. One that leads to a run of this root hides nothing, one to a
/// file neither.
bool hides_a_run(const std::string& root, const std::string& link) {
  std::error_code failed;
  const std::filesystem::path place = std::filesystem::canonical(link, failed);
  if (failed) return true;
  if (!std::filesystem::is_directory(place, failed)) return static_cast<bool>(failed);
  return place.parent_path() != std::filesystem::canonical(root, failed) ||
         place.filename().string().starts_with('.');
}

}  // namespace

void FsStore::list_runs(const sdk::RunVisitor& visit) {
  struct Run {
    std::string key, location;
    std::int64_t mtime_ns;
    std::uint64_t stamp;
  };
  std::vector<Run> runs;
  struct stat info {};
  if (!options_.directory.empty()) {
    const std::string& path = options_.directory;
    if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
      runs.push_back(
          {path.substr(path.rfind('/') + 1), path, nanoseconds(info.st_mtim), stamp_of(path, info)});
  } else {
    for (const std::string& name : names_in(options_.root, true)) {
      const std::string path = options_.root + "/" + name;
      if (name.front() == '.') continue;
      if (!look(path, info)) {
        if (errno != ENOENT) runs.push_back({name, path, 0, 0});
      } else if (S_ISDIR(info.st_mode)) {
        runs.push_back({name, path, nanoseconds(info.st_mtim), stamp_of(path, info)});
      } else if (S_ISLNK(info.st_mode) && hides_a_run(options_.root, path)) {
        runs.push_back({name, path, nanoseconds(info.st_mtim), 0});
      }
    }
    std::stable_sort(runs.begin(), runs.end(),
                     [](const Run& a, const Run& b) { return a.mtime_ns > b.mtime_ns; });
  }
  for (const Run& run : runs) visit(run.key, run.mtime_ns, KTSTR_NOT_COUNTED, run.location, run.stamp);
}

void FsStore::list_history(const sdk::RunVisitor& visit) {
  if (!options_.directory.empty()) return;
  for (const HistoryEntry& entry : History(options_.root).entries())
    visit(entry.key, entry.mtime_ns, KTSTR_NOT_COUNTED, entry.directory, entry.stamp);
}

void FsStore::remove(std::string_view key) {
  if (!options_.directory.empty())
    throw sdk::Error(KTSTR_UNSUPPORTED,
                     "nothing is removed from a directory of your own: " + options_.directory,
                     "unset KTSTR_SIDECAR_DIR");
  check_relative(key, "key", true);
  const std::string_view kind = key.substr(0, key.find('/'));
  if (kind == kHistory) return History(options_.root).remove(key);
  if (kind == kSessions && kind.size() < key.size())
    return sessions_.remove(std::string(key.substr(kind.size() + 1)));
  remove_run(options_.root, std::string(key), options_.cancelled);
}

std::unique_ptr<sdk::StoreSession> FsStore::begin_session(std::string_view name, bool resume) {
  refuse_remote_filesystem(options_.root, options_.filesystem_magic);
  return sessions_.begin(name, resume);
}

void FsStore::list_sessions(const sdk::RunVisitor& visit) {
  if (!options_.directory.empty()) return;
  for (const SessionEntry& entry : sessions_.entries())
    visit(std::string(kSessions) + "/" + entry.name, entry.mtime_ns, KTSTR_NOT_COUNTED, entry.directory,
          entry.stamp);
}

void FsStore::tidy(bool dry_run, const sdk::RunVisitor& visit) {
  if (!options_.directory.empty()) return;
  for (const std::string& key : sessions_.sweep(dry_run)) visit(key, 0, 0, options_.root + "/" + key);
  for (const std::string& key : sweep_locks(options_.root, dry_run))
    visit(key, 0, 0, options_.root + "/" + key);
}

namespace {

/// Of an open that does not follow links. Without openat2 one in place of a directory is no directory.
std::string why_unread(int error) {
  if (error == ELOOP) return "it is a symbolic link, and links are not followed";
  return error == ENOTDIR ? "it is a symbolic link, or no directory" : std::strerror(error);
}

}  // namespace

void FsStore::list_sidecars(std::string_view run_key, const sdk::SidecarVisitor& visit) {
  list_files(run_key, is_sidecar_name, Closed::kTold, visit);
}
void FsStore::list_artifacts(std::string_view run_key, const sdk::SidecarVisitor& visit) {
  list_files(run_key, is_artifact_name, Closed::kLeftOut, visit);
}

kit::Fd FsStore::open_run(std::string_view run_key) const {
  const std::string directory = run_directory(run_key);
  kit::Fd fd(options_.directory.empty() ? open_beneath(options_.root, run_key, O_PATH | O_DIRECTORY)
                                        : ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd.open()) return fd;
  const int error = errno;
  struct stat info {};
  const bool plain =
      error == ENOTDIR && look(directory, info) && !S_ISLNK(info.st_mode) && !S_ISDIR(info.st_mode);
  if (error == ENOENT || plain)
    throw sdk::Error(KTSTR_NOT_FOUND, "there is no run \"" + std::string(run_key) + "\" at " + directory);
  throw sdk::Error(KTSTR_IO, "cannot read the run \"" + std::string(run_key) +
                                 "\": " + why_unread(error == ENOTDIR ? ELOOP : error));
}

void FsStore::list_files(std::string_view run_key, bool (*wanted)(std::string_view), Closed closed,
                         const sdk::SidecarVisitor& visit) const {
  static_cast<void>(open_run(run_key));  // says what is wrong with it
  for (const File& file : files_in(run_directory(run_key), wanted, closed))
    visit(file.name, file.bytes, file.mtime_ns, file.stamp);
}

namespace {

constexpr int kReadFlags = O_RDONLY | O_NONBLOCK;  // a FIFO in place of a file keeps nobody waiting

/// A file that was opened, or why it was not: the `errno` of now.
class OpenFile {
 public:
  OpenFile(int fd, const std::string& path) : fd_(fd), path_(path) {
    if (!fd_.open()) {
      throw sdk::Error(errno == ENOENT ? KTSTR_NOT_FOUND : KTSTR_IO,
                       "cannot read " + path + ": " + why_unread(errno));
    }
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0 || !S_ISREG(info.st_mode))
      throw sdk::Error(KTSTR_IO, "cannot read " + path + ": not a regular file");
    bytes_ = static_cast<std::size_t>(info.st_size);
  }
  /// As read(2); less than `room` is the last of a file.
  std::size_t read(char* into, std::size_t room) const {
    for (;;) {
      const ssize_t n = ::read(fd_.get(), into, room);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) fail("cannot read", path_);
    }
  }
  /// The file's size when it was opened, and one more to see its end.
  std::size_t expected() const { return bytes_ + 1; }
  /// All of it, in `buffer`, which many files may use.
  std::string_view read_whole(std::vector<char>& buffer) const {
    if (buffer.size() < expected()) buffer.resize(expected());
    for (std::size_t have = 0;;) {
      have += read(buffer.data() + have, buffer.size() - have);
      if (have < buffer.size()) return {buffer.data(), have};
      buffer.resize(2 * have);  // it grew meanwhile
    }
  }

 private:
  kit::Fd fd_;
  const std::string& path_;
  std::size_t bytes_ = 0;
};

}  // namespace

void FsStore::read(std::string_view run_key, std::string_view name, const sdk::Writer& out) {
  check_relative(name, "file name", true);
  const std::string path = run_directory(run_key) + "/" + std::string(name);
  const OpenFile file(
      options_.directory.empty()
          ? open_beneath(options_.root, std::string(run_key) + "/" + std::string(name), kReadFlags)
          : open_beneath(options_.directory, name, kReadFlags),
      path);
  constexpr std::size_t kMostAtOnce = 1U << 18;
  const std::size_t room = std::min(file.expected(), kMostAtOnce);
  const auto buffer = std::make_unique_for_overwrite<char[]>(room);
  for (std::size_t got = room; got == room;) {
    got = file.read(buffer.get(), room);
    out.write(std::string_view(buffer.get(), got));
  }
}

void FsStore::read_many(std::string_view run_key, const std::vector<std::string_view>& names,
                        const sdk::FileVisitor& visit) {
  const kit::Fd run = open_run(run_key);
  const std::string directory = run_directory(run_key) + "/";
  std::vector<char> buffer;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string_view bytes;
    try {
      check_relative(names[i], "file name", true);
      const std::string path = directory + std::string(names[i]);
      bytes = OpenFile(open_beneath(run.get(), names[i], kReadFlags), path).read_whole(buffer);
    } catch (const sdk::Error& why) {
      visit(i, why);
      continue;
    }
    visit(i, bytes);
  }
}

/// Asks about the directory, or the one that it would be made in; makes nothing.
void FsStore::probe() {
  const std::string& place = options_.directory.empty() ? options_.root : options_.directory;
  if (options_.directory.empty()) refuse_remote_filesystem(place, options_.filesystem_magic);
  std::filesystem::path nearest(place);
  struct stat info {};
  while (::stat(nearest.c_str(), &info) != 0 && errno == ENOENT && nearest.has_relative_path()) {
    if (look(nearest.string(), info)) break;  // a link that leads nowhere: no directory can be made there
    nearest = nearest.parent_path();
  }
  int error = 0;
  if (::stat(nearest.c_str(), &info) != 0)
    error = errno;
  else if (!S_ISDIR(info.st_mode))
    error = ENOTDIR;
  else if (::faccessat(AT_FDCWD, nearest.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    error = errno;
  if (error == 0) return;
  const std::string shown = nearest == place ? place : place + ", below " + nearest.string();
  errno = error;
  fail("cannot write runs to", shown);
}

std::unique_ptr<sdk::StoreRun> FsStore::begin_run(const sdk::RunRequest& request) {
  const std::string_view key = request.key;
  check_relative(key, "run key", true);
  const std::string inside = std::string(kSessions) + "/";
  if (key.starts_with(inside)) {
    if (!sessions_.holds(
            std::string(key.substr(inside.size(), key.find('/', inside.size()) - inside.size())))) {
      throw sdk::Error(KTSTR_INVALID_ARGUMENT, "the session of \"" + std::string(key) + "\" was not begun");
    }
  } else {
    check_relative(key, "run key", false);
  }
  if (options_.directory.empty()) refuse_remote_filesystem(options_.root, options_.filesystem_magic);
  return std::make_unique<FsRun>(options_, run_directory(key), request);
}

std::string FsStore::locate(std::string_view run_key, std::string_view name) {
  if (!name.empty()) check_relative(name, "file name", true);
  const std::string directory = run_directory(run_key);
  return name.empty() ? directory : directory + "/" + std::string(name);
}

}  // namespace ktstr::fs_store
