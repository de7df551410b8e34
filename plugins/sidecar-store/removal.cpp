// SPDX-License-Identifier: Apache-2.0
#include "removal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/write_file.hpp>
#include <string_view>

#include "durable_file.hpp"
#include "run_directory.hpp"
#include "run_lock.hpp"

namespace ktstr::fs_store {
namespace {

constexpr std::string_view kLocks = ".locks", kLock = ".lock", kMarks = ".session";

void remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("cannot remove", path);
}

/// True when nothing is left.
bool remove_directory(const std::string& path) { return ::rmdir(path.c_str()) == 0 || errno == ENOENT; }

}  // namespace

void remove_run(const std::string& root, const std::string& key, const std::function<bool()>& cancelled) {
  const std::string directory = root + "/" + key, locks = root + "/.locks";
  struct stat info {};
  if (key.find('/') == std::string::npos) refuse_links(root, key);
  if (key.find('/') != std::string::npos || key.front() == '.' || !look(directory, info) ||
      !S_ISDIR(info.st_mode)) {
    throw sdk::Error(KTSTR_NOT_FOUND, "there is no run \"" + key + "\" at " + directory);
  }
  refuse_links(root, kLocks);
  make_directories_durably(locks);
  const RunLock lock(locks + "/" + key + std::string(kLock), std::chrono::seconds(1), cancelled);
  const kit::HeldLock alone = kit::HeldLock::try_take(directory, O_RDONLY | O_DIRECTORY);
  if (!alone && (errno == EWOULDBLOCK || errno == ESTALE)) {
    const std::string who = kit::lock_holders(directory);
    throw sdk::Error(KTSTR_CONFLICT,
                     "the run " + key + " is being written by " + (who.empty() ? "another process" : who),
                     "wait for that process, or end it");
  }
  for (const std::string& name : names_in(directory)) {
    const std::string path = directory + "/" + name;
    if (!look(path, info)) continue;
    if (!S_ISDIR(info.st_mode)) {
      if (is_run_file(name)) remove_file(path);
      continue;
    }
    for (const std::string& inner : names_in(path)) {
      if (is_run_file(inner)) remove_file(path + "/" + inner);
    }
    remove_directory(path);
  }
  kit::sweep_temporaries(directory);
  remove_file(locks + "/" + key + std::string(kMarks));
  if (!remove_directory(directory))
    throw sdk::Error(KTSTR_IO, "other files are left in " + directory,
                     "they are not ktstr's: remove them yourself");
  remove_file(locks + "/" + key + std::string(kLock));
}

std::vector<std::string> sweep_locks(const std::string& root, bool dry_run) {
  const std::string locks = root + "/.locks";
  refuse_links(root, kLocks);
  std::vector<std::string> swept;
  struct stat info {};
  for (const std::string& name : names_in(locks)) {
    if (!look(locks + "/" + name, info)) continue;  // went with its marks or its lock
    const std::string_view suffix = name.ends_with(kLock)    ? kLock
                                    : name.ends_with(kMarks) ? kMarks
                                                             : std::string_view();
    if (suffix.empty() || suffix.size() == name.size()) continue;
    const std::string key = name.substr(0, name.size() - suffix.size());
    if (look(root + "/" + key, info)) continue;
    const std::string lock_file = locks + "/" + key + std::string(kLock);
    const bool had_lock = look(lock_file, info);
    const kit::HeldLock lock = kit::HeldLock::try_take(lock_file, O_RDWR | O_CREAT);
    if (!lock || look(root + "/" + key, info)) continue;  // somebody begins that run just now
    if (!dry_run) remove_file(locks + "/" + key + std::string(kMarks));
    if (!dry_run || !had_lock) remove_file(lock_file);
    swept.push_back(".locks/" + name);
  }
  if (!dry_run) kit::sweep_temporaries(locks);
  return swept;
}

}  // namespace ktstr::fs_store
