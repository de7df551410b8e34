// SPDX-License-Identifier: Apache-2.0
#include "measure/workplace.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/text.hpp>
#include <utility>
#include <vector>

#include "plan/run_plan.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "ktstr-checkouts-";
constexpr int kAttempts = 100;

void empty(const fs::path& directory) {
  KTSTR_ASSERT(directory.filename().string().starts_with(kPrefix));  // nobody else's is ever emptied
  std::error_code error;
  std::vector<fs::path> inside;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    inside.push_back(it->path());
  for (const fs::path& path : inside) kit::remove_tree(path);
}

/// The lock on a directory of this user, or none and errno: EPERM when it is another user's, else as for
/// HeldLock.
kit::HeldLock lock_directory(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid != ::geteuid()) {
    errno = EPERM;
    return {};
  }
  return kit::HeldLock::try_take(path, O_RDONLY | O_DIRECTORY);
}

void sweep(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(kPrefix)) found.push_back(it->path());
  }
  for (const fs::path& path : found) {
    const kit::HeldLock lock = lock_directory(path);
    if (!lock) continue;
    empty(path);
    ::rmdir(path.c_str());
  }
}

}  // namespace

Result<Workplace> Workplace::take(const fs::path& path) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) break;
    kit::HeldLock lock = lock_directory(path);
    if (!lock && (errno == ENOENT || errno == ESTALE)) continue;  // its last owner removed it just now
    if (!lock) break;
    ::fchmod(lock.fd(), 0700);
    empty(path);
    return Workplace(path, std::move(lock));
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

Workplace::~Workplace() {
  if (!lock_) return;
  empty(root_);
  ::rmdir(root_.c_str());
}

Status Workplace::show(const std::string& side) {
  KTSTR_ASSERT(!side.empty() && side.find('/') == std::string::npos && lock_);
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
