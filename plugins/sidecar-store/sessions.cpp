// SPDX-License-Identifier: Apache-2.0
#include "sessions.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/random.hpp>
#include <ktstr/kit/time.hpp>

#include "durable_file.hpp"
#include "run_directory.hpp"

namespace ktstr::fs_store {
namespace {

constexpr std::string_view kGoing =
    ".gone-";  // renamed so before it is removed: a session is there as a whole, or not

kit::HeldLock hold(const std::string& directory) {
  return kit::HeldLock::try_take(directory, O_RDONLY | O_DIRECTORY);
}

[[noreturn]] void in_use(const std::string& name, const std::string& directory) {
  const std::string who = kit::lock_holders(directory);
  throw sdk::Error(KTSTR_CONFLICT,
                   "the session " + name + " is being measured by " + (who.empty() ? "another process" : who),
                   "wait for that process, or end it");
}

void remove_gone(const std::string& directory) {
  if (!kit::remove_tree(directory)) fail("cannot remove", directory);
}

}  // namespace

class Sessions::Held : public sdk::StoreSession {
 public:
  Held(Sessions& sessions, std::string name, kit::HeldLock lock)
      : sessions_(sessions), name_(std::move(name)), lock_(std::move(lock)) {
    const bool added = sessions_.held_.insert(name_).second;
    KTSTR_ASSERT(added && lock_);  // whoever has its lock is the only one
  }
  ~Held() override { let_go(); }
  std::string key() const override { return std::string(kSessions) + "/" + name_; }
  std::uint64_t end() override {
    let_go();
    return sessions_.remove_old();
  }

 private:
  /// One in which nothing was measured leaves nothing.
  void let_go() {
    sessions_.held_.erase(name_);
    if (lock_) ::rmdir((sessions_.directory() + "/" + name_).c_str());
    lock_ = {};
  }

  Sessions& sessions_;
  std::string name_;
  kit::HeldLock lock_;
};

std::vector<SessionEntry> Sessions::entries() const {
  std::vector<SessionEntry> found;
  struct stat info {
  }, inner{};
  refuse_links(root_, kSessions);
  for (const std::string& name : names_in(directory(), true)) {
    const std::string path = directory() + "/" + name;
    if (name.front() == '.' || !look(path, info) || !S_ISDIR(info.st_mode)) continue;
    SessionEntry entry{name, path, nanoseconds(info.st_mtim), stamp_of(path, info)};
    for (const std::string& pass : names_in(path, true)) {
      if (look(path + "/" + pass, inner))
        entry.mtime_ns = std::max(entry.mtime_ns, nanoseconds(inner.st_mtim));
    }
    found.push_back(std::move(entry));
  }
  std::stable_sort(found.begin(), found.end(), [](const SessionEntry& a, const SessionEntry& b) {
    return a.mtime_ns != b.mtime_ns ? a.mtime_ns > b.mtime_ns : a.name > b.name;
  });
  return found;
}

std::unique_ptr<sdk::StoreSession> Sessions::begin(std::string_view name, bool resume) {
  check_relative(name, "session name", false);
  refuse_links(root_, kSessions);
  if (resume) {
    for (const SessionEntry& entry : entries()) {
      if (entry.name != name && !entry.name.starts_with(std::string(name) + "-")) continue;
      if (kit::HeldLock lock = hold(entry.directory))
        return std::make_unique<Held>(*this, entry.name, std::move(lock));
      if (errno != EWOULDBLOCK) fail("cannot lock", entry.directory);
      in_use(entry.name, entry.directory);
    }
  }
  make_directories_durably(directory());
  for (;;) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    char part[16];
    std::snprintf(part, sizeof part, "%09ld", now.tv_nsec);
    const std::string mine = std::string(name) + "-" + kit::utc_name(now.tv_sec) + "-" + part,
                      path = directory() + "/" + mine;
    if (::mkdir(path.c_str(), 0777) == 0) {
      sync_directory(directory());
      // Somebody who removes old sessions may have been quicker than we are to lock it.
      if (kit::HeldLock lock = hold(path)) return std::make_unique<Held>(*this, mine, std::move(lock));
      if (const int error = errno; error != EWOULDBLOCK && error != ESTALE && error != ENOENT) {
        ::rmdir(path.c_str());
        errno = error;
        fail("cannot lock", path);
      }
    } else if (errno != EEXIST) {
      fail("cannot make the directory", path);
    }
  }
}

/// False when somebody holds it, or has removed it.
bool Sessions::try_remove(const std::string& name) const {
  KTSTR_ASSERT(!name.empty() && name.front() != '.' && name.find('/') == std::string::npos);
  const std::string path = directory() + "/" + name;
  const kit::HeldLock lock = hold(path);
  if (!lock && errno != EWOULDBLOCK && errno != ESTALE && errno != ENOENT) fail("cannot lock", path);
  if (!lock) return false;
  const std::string going = directory() + "/" + std::string(kGoing) + kit::random_name();
  if (::rename(path.c_str(), going.c_str()) != 0) fail("cannot remove", path);
  remove_gone(going);
  return true;
}

void Sessions::remove(const std::string& name) const {
  refuse_links(root_, kSessions);
  const std::string path = directory() + "/" + name;
  struct stat info {};
  const bool whole = !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
  if (!whole || !look(path, info) || !S_ISDIR(info.st_mode))
    throw sdk::Error(KTSTR_NOT_FOUND, "there is no session \"" + name + "\" at " + path);
  if (!try_remove(name)) in_use(name, path);
}

std::uint64_t Sessions::remove_old() const {
  std::uint64_t removed = 0;
  const std::vector<SessionEntry> all = entries();
  for (std::size_t i = keep_; i < all.size(); ++i) removed += try_remove(all[i].name) ? 1 : 0;
  return removed;
}

std::vector<std::string> Sessions::sweep(bool dry_run) const {
  std::vector<std::string> left;
  refuse_links(root_, kSessions);
  for (const std::string& name : names_in(directory(), true)) {
    if (!name.starts_with(kGoing)) continue;
    if (!dry_run) remove_gone(directory() + "/" + name);
    left.push_back(std::string(kSessions) + "/" + name);
  }
  return left;
}

}  // namespace ktstr::fs_store
