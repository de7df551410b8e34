// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/write_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ktstr/kit/assert.hpp>
#include <vector>

#include "ktstr/kit/directories.hpp"
#include "ktstr/kit/fd.hpp"
#include "ktstr/kit/lock.hpp"
#include "ktstr/kit/random.hpp"

namespace ktstr::kit {
namespace fs = std::filesystem;
namespace {

/// What a sweep takes for one that a dead writer left.
bool is_temporary(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') && name.ends_with(kTemporarySuffix);
}

struct Temporary {
  fs::path path;
  Fd file;
};

/// A new file whose lock we hold: as long as we do, nobody takes it for something that a dead writer left. A
/// file system without locks has no sweeping either.
Outcome<Temporary> make_temporary(const fs::path& directory, const fs::path& target) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Temporary made{directory / ("." + random_name() + std::string(kTemporarySuffix)), Fd()};
    KTSTR_ASSERT(is_temporary(made.path));  // else nobody would ever remove it
    made.file = Fd(::open(made.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!made.file.open() && errno == EEXIST) continue;
    if (!made.file.open()) return system_failure("cannot write", target.string());
    struct stat info {};
    const bool locked = ::flock(made.file.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (locked && ::fstat(made.file.get(), &info) == 0 && info.st_nlink > 0) return made;
  }  // swept in the moment before it was locked, each time
  return system_failure("cannot write", target.string(), EBUSY);
}

}  // namespace

Done replace_file(const fs::path& path, std::string_view bytes, Sync sync) {
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const auto temporary = make_temporary(directory, path);
  if (!temporary) return temporary.error();
  const char* failed = nullptr;
  if (!write_all(temporary->file.get(), bytes))
    failed = "cannot write";
  else if (sync != Sync::kNone && ::fsync(temporary->file.get()) != 0)
    failed = "cannot sync";
  else if (::rename(temporary->path.c_str(), path.c_str()) != 0)
    failed = "cannot replace";
  if (failed != nullptr) {
    Failure failure = system_failure(failed, path.string());
    ::unlink(temporary->path.c_str());
    return failure;
  }
  return sync == Sync::kAndDirectory ? sync_directory(directory) : Done(Nothing{});
}

void sweep_temporaries(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (is_temporary(it->path())) found.push_back(it->path());
  }
  for (const fs::path& path : found) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != ::geteuid()) continue;
    // Written files are opened for writing only, so a mode without reading is one of ours too.
    HeldLock alone = HeldLock::try_take(path, O_RDONLY | O_NONBLOCK);
    if (!alone && errno == EACCES) alone = HeldLock::try_take(path, O_WRONLY | O_NONBLOCK);
    if (alone) ::unlink(path.c_str());
  }
}

}  // namespace ktstr::kit
