// SPDX-License-Identifier: Apache-2.0
#include "measure/workplace.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "plan/run_plan.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "ktstr-checkouts-";
constexpr int kAttempts = 100;

/// Builds leave directories that nobody may write (Go's module cache is one).
void remove_whatever(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return;
  fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored) && !it->is_symlink(ignored))
      fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
  }
  fs::remove_all(path, error);
}

void empty(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> inside;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    inside.push_back(it->path());
  for (const fs::path& path : inside) remove_whatever(path);
}

bool same_directory(int fd, const fs::path& path) {
  struct stat ours {
  }, there{};
  return ::fstat(fd, &ours) == 0 && ::lstat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

/// An open and locked directory of this user, or -1 with errno: EWOULDBLOCK when somebody holds it, EPERM
/// when it is another user's.
int lock_directory(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  struct stat info {};
  int reason = ::fstat(fd, &info) != 0 ? errno : info.st_uid != ::geteuid() ? EPERM : 0;
  if (reason == 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0) reason = errno;
  if (reason == 0) return fd;
  ::close(fd);
  errno = reason;
  return -1;
}

void sweep(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(kPrefix)) found.push_back(it->path());
  }
  for (const fs::path& path : found) {
    const int fd = lock_directory(path);
    if (fd < 0) continue;
    if (same_directory(fd, path)) {  // else it went, and another session's came, while we opened it
      empty(path);
      ::rmdir(path.c_str());
    }
    ::close(fd);
  }
}

}  // namespace

Result<Workplace> Workplace::take(const fs::path& path) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) break;
    const int fd = lock_directory(path);
    if (fd < 0 && errno == ENOENT) continue;  // its last owner removed it just now
    if (fd < 0) break;
    if (!same_directory(fd, path)) {
      ::close(fd);
      continue;
    }
    ::fchmod(fd, 0700);
    empty(path);
    return Workplace(path, fd);
  }
  const std::string what = printable(path.string());
  if (errno == EWOULDBLOCK) return environment_error("another session has " + what);
  if (errno == EPERM || errno == EACCES || errno == ELOOP || errno == ENOTDIR)
    return environment_error(what + " is not ours");
  return environment_error("cannot make the directory " + what + ": " + std::strerror(errno),
                           "TMPDIR names another place for checkouts");
}

Result<Workplace> Workplace::open(const fs::path& parent, const std::string& identity) {
  std::error_code error;
  fs::path real = fs::canonical(parent, error);  // the path that a build sees
  if (error) real = parent;
  sweep(real);
  auto place = take(real / (std::string(kPrefix) + plan_identity({identity})));
  if (place) return place;
  const std::string reason = place.error().message;
  std::string pattern = (real / (std::string(kPrefix) + "XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return environment_error(
        "cannot make a directory for checkouts in " + printable(real.string()) + ": " + std::strerror(errno),
        "TMPDIR names another place");
  }
  auto other = take(pattern);
  if (other) other->elsewhere_ = reason;
  return other;
}

Workplace::Workplace(Workplace&& other) noexcept
    : root_(std::exchange(other.root_, fs::path())),
      lock_(std::exchange(other.lock_, -1)),
      shown_(std::move(other.shown_)),
      elsewhere_(std::move(other.elsewhere_)) {}

Workplace::~Workplace() {
  if (lock_ < 0) return;
  empty(root_);
  ::rmdir(root_.c_str());
  ::close(lock_);
}

Status Workplace::show(const std::string& side) {
  if (shown_ == side) return Ok{};
  std::error_code error;
  if (!shown_.empty()) fs::rename(tree(), waiting(shown_), error);
  if (!error) {
    shown_.clear();
    if (fs::exists(waiting(side), error))
      fs::rename(waiting(side), tree(), error);
    else
      fs::create_directory(tree(), error);
  }
  if (error)
    return plugin_error("cannot change sides in " + printable(root_.string()) + ": " + error.message());
  shown_ = side;
  return Ok{};
}

}  // namespace ktstr
