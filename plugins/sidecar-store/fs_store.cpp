// SPDX-License-Identifier: Apache-2.0
#include "fs_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "durable_file.hpp"
#include "remote_filesystem.hpp"
#include "run_lock.hpp"

namespace ktstr::fs_store {
namespace stdfs = std::filesystem;
namespace {

constexpr std::string_view kDumpSuffix = ".failure-dump.json";

struct File {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
};

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

/// What `path` is without following a symbolic link; false when it is gone or unreadable.
bool look(const std::string& path, struct stat& info) { return ::lstat(path.c_str(), &info) == 0; }

/// Names in a directory, sorted; empty when it cannot be read or vanished meanwhile.
std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (stdfs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Sidecars of a run: its own and those exactly one directory down. Links are not followed, so nothing outside is read.
std::vector<File> sidecars_in(const std::string& directory) {
  std::vector<File> files;
  const auto add = [&](const std::string& name) {
    struct stat info {};
    if (is_sidecar_name(stdfs::path(name).filename().string()) && look(directory + "/" + name, info) && S_ISREG(info.st_mode)) {
      files.push_back({name, static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim)});
    }
  };
  for (const std::string& name : names_in(directory)) {
    struct stat info {};
    if (name.front() == '.' || !look(directory + "/" + name, info)) continue;
    if (S_ISDIR(info.st_mode)) {
      for (const std::string& inner : names_in(directory + "/" + name)) add(name + "/" + inner);
    } else {
      add(name);
    }
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.name < b.name; });
  return files;
}

void check_relative(std::string_view text, const char* what, bool may_nest) {
  bool good = !text.empty() && text.front() != '/' && text.size() < 512 && text.find('\0') == std::string_view::npos;
  std::size_t parts = 0;
  for (std::size_t begin = 0; good && begin <= text.size(); ++parts) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    good = !part.empty() && part != "." && part != "..";
    begin = end + 1;
  }
  if (!good || (!may_nest && parts > 1) || parts > 4) {
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, std::string("not a usable ") + what + ": \"" + std::string(text) + "\"");
  }
}

void make_directories(const std::string& directory) {
  std::error_code error;
  stdfs::create_directories(directory, error);
  if (error) throw sdk::Error(KTSTR_IO, "cannot make the directory " + directory + ": " + error.message());
}

std::string read_small_file(const std::string& path) {
  std::string text(256, '\0');
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t n = ::read(fd, text.data(), text.size());
  ::close(fd);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

class FsRun : public sdk::StoreRun {
 public:
  FsRun(const Options& options, std::string directory, std::string key, std::string session, bool preclear)
      : options_(options), directory_(std::move(directory)), key_(std::move(key)), session_(std::move(session)), preclear_(preclear) {}

  void put(std::string_view name, std::string_view bytes) override {
    if (!is_sidecar_name(name)) throw sdk::Error(KTSTR_INVALID_ARGUMENT, "not a sidecar's name: \"" + std::string(name) + "\"");
    store(name, bytes);
  }

  void put_artifact(std::string_view name, std::string_view bytes) override {
    if (is_sidecar_name(name)) throw sdk::Error(KTSTR_INVALID_ARGUMENT, "an artifact may not have a sidecar's name: \"" + std::string(name) + "\"");
    store(name, bytes);
  }

  void end() override {}

 private:
  void store(std::string_view name, std::string_view bytes) {
    check_relative(name, "file name", false);
    make_directories(directory_);
    if (!options_.directory.empty()) return write_durably(directory_, name, bytes);  // the user's own directory: no lock, no clearing

    const std::string locks = options_.root + "/.locks";
    make_directories(locks);
    const RunLock lock(locks + "/" + key_ + ".lock", options_.lock_patience, options_.cancelled);
    if (preclear_) clear_once(locks);
    write_durably(directory_, name, bytes);
  }

  /// Removes what an earlier invocation left, once per invocation: the session file tells whether a peer of ours has done it.
  /// The mark is written before anything is removed: a crash in between leaves old files, never a second clearing that
  /// would take new ones.
  void clear_once(const std::string& locks) {
    preclear_ = false;
    const std::string mark = key_ + ".session";
    if (!session_.empty() && read_small_file(locks + "/" + mark) == session_) return;
    write_durably(locks, mark, session_);
    for (const std::string& name : names_in(directory_)) {
      if (!is_sidecar_name(name) && !name.ends_with(kDumpSuffix) && !name.ends_with(kTemporarySuffix)) continue;
      struct stat info {};
      const std::string path = directory_ + "/" + name;
      if (look(path, info) && !S_ISDIR(info.st_mode)) ::unlink(path.c_str());  // one that stays behind is only old
    }
  }

  const Options& options_;
  std::string directory_, key_, session_;
  bool preclear_;
};

}  // namespace

bool is_sidecar_name(std::string_view name) { return name.ends_with(".json") && name.find(".ktstr.") != std::string_view::npos; }

FsStore::FsStore(Options options) : options_(std::move(options)) {
  const std::string& place = options_.directory.empty() ? options_.root : options_.directory;
  if (place.empty() || place.front() != '/') {
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, "the fs store needs an absolute \"root\" or \"dir\", got \"" + place + "\"");
  }
}

std::string FsStore::run_directory(std::string_view run_key) const {
  if (!options_.directory.empty()) return options_.directory;
  check_relative(run_key, "run key", true);
  return options_.root + "/" + std::string(run_key);
}

void FsStore::list_runs(const sdk::RunVisitor& visit) {
  struct Run {
    std::string key, location;
    std::int64_t mtime_ns;
  };
  std::vector<Run> runs;
  struct stat info {};
  if (!options_.directory.empty()) {
    if (look(options_.directory, info)) {
      runs.push_back({stdfs::path(options_.directory).filename().string(), options_.directory, nanoseconds(info.st_mtim)});
    }
  } else {
    for (const std::string& name : names_in(options_.root)) {
      const std::string path = options_.root + "/" + name;
      if (name.front() != '.' && look(path, info) && S_ISDIR(info.st_mode)) runs.push_back({name, path, nanoseconds(info.st_mtim)});
    }
    std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.mtime_ns > b.mtime_ns; });
  }
  for (const Run& run : runs) visit(run.key, run.mtime_ns, sidecars_in(run.location).size(), run.location);
}

void FsStore::list_sidecars(std::string_view run_key, const sdk::SidecarVisitor& visit) {
  const std::string directory = run_directory(run_key);
  struct stat info {};
  if (!look(directory, info) || !S_ISDIR(info.st_mode)) {
    throw sdk::Error(KTSTR_NOT_FOUND, "there is no run \"" + std::string(run_key) + "\" at " + directory);
  }
  for (const File& file : sidecars_in(directory)) visit(file.name, file.bytes, file.mtime_ns);
}

void FsStore::read(std::string_view run_key, std::string_view name, const sdk::Writer& out) {
  check_relative(name, "file name", true);
  const std::string path = run_directory(run_key) + "/" + std::string(name);
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    throw sdk::Error(errno == ENOENT ? KTSTR_NOT_FOUND : KTSTR_IO, "cannot read " + path + ": " + std::strerror(errno));
  }
  try {
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) throw sdk::Error(KTSTR_IO, "cannot read " + path + ": not a regular file");
    std::string buffer(std::min<std::uint64_t>(static_cast<std::uint64_t>(info.st_size) + 1, 1U << 20), '\0');
    for (;;) {
      const ssize_t n = ::read(fd, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw sdk::Error(KTSTR_IO, "cannot read " + path + ": " + std::strerror(errno));
      if (n == 0) break;
      out.write(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
    }
  } catch (...) {
    ::close(fd);
    throw;
  }
  ::close(fd);
}

std::unique_ptr<sdk::StoreRun> FsStore::begin_run(std::string_view run_key, std::string_view session, std::uint32_t flags) {
  check_relative(run_key, "run key", false);
  refuse_remote_filesystem(options_.directory.empty() ? options_.root : options_.directory);
  return std::make_unique<FsRun>(options_, run_directory(run_key), std::string(run_key), std::string(session),
                                 (flags & KTSTR_RUN_PRECLEAR) != 0);
}

std::string FsStore::locate(std::string_view run_key, std::string_view name) {
  if (!name.empty()) check_relative(name, "file name", true);
  const std::string directory = run_directory(run_key);
  return name.empty() ? directory : directory + "/" + std::string(name);
}

}  // namespace ktstr::fs_store
