// SPDX-License-Identifier: Apache-2.0
#include "fs_run.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "durable_file.hpp"
#include "history.hpp"
#include "run_directory.hpp"
#include "run_lock.hpp"

namespace ktstr::fs_store {
namespace {

constexpr std::size_t kRememberedSessions = 64;
constexpr std::chrono::hours kAbandoned{1};  // a temporary file this old has no writer any more

std::string read_small_file(const std::string& path) {
  std::string text(64 << 10, '\0');
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t n = ::read(fd, text.data(), text.size());
  ::close(fd);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// A token comes from the environment; in the session file it is one line.
std::string one_line(std::string_view token) {
  std::string line(token.substr(0, 200));
  std::replace_if(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '_');
  return line;
}

}  // namespace

FsRun::FsRun(const Options& options, std::string directory, std::string key, std::string_view session, bool preclear)
    : options_(options), directory_(std::move(directory)), key_(std::move(key)), session_(one_line(session)), preclear_(preclear) {}

void FsRun::put(std::string_view name, std::string_view bytes) {
  if (!is_sidecar_name(name)) throw sdk::Error(KTSTR_INVALID_ARGUMENT, "not a sidecar's name: \"" + std::string(name) + "\"");
  store(name, bytes);
}

void FsRun::put_artifact(std::string_view name, std::string_view bytes) {
  if (is_sidecar_name(name)) throw sdk::Error(KTSTR_INVALID_ARGUMENT, "an artifact may not have a sidecar's name: \"" + std::string(name) + "\"");
  store(name, bytes);
}

void FsRun::store(std::string_view name, std::string_view bytes) {
  check_relative(name, "file name", false);
  make_directories_durably(directory_);
  if (!options_.directory.empty()) {  // the user's own directory: no lock, no clearing
    if (!swept_) sweep_temporaries(directory_, kAbandoned);
    swept_ = true;
    return write_durably(directory_, name, bytes);
  }
  const std::string locks = options_.root + "/.locks";
  make_directories_durably(locks);
  const RunLock lock(locks + "/" + key_ + ".lock", options_.lock_patience, options_.cancelled);
  make_directories_durably(directory_);  // `runs prune` or a person may have removed it while we waited
  if (!swept_) sweep_temporaries(directory_, std::chrono::seconds(0));  // whoever wrote them held the lock, and is dead
  swept_ = true;
  if (preclear_) clear_once(locks);
  write_durably(directory_, name, bytes);
}

/// Takes away what an earlier invocation left, once per invocation: the session file tells whether a peer of ours has done it. It is
/// written last: killed in between, nothing of this invocation has been stored, and its next writer goes on with the clearing.
void FsRun::clear_once(const std::string& locks) {
  const std::string mark = key_ + ".session";
  std::vector<std::string> sessions = lines_of(read_small_file(locks + "/" + mark));
  if (session_.empty() || std::find(sessions.begin(), sessions.end(), session_) == sessions.end()) {
    put_aside();
    if (!session_.empty()) sessions.push_back(session_);
    if (sessions.size() > kRememberedSessions) sessions.erase(sessions.begin(), sessions.end() - kRememberedSessions);
    std::string text;
    for (const std::string& session : sessions) text += session + "\n";
    sweep_temporaries(locks, kAbandoned);
    write_durably(locks, mark, text);
  }
  preclear_ = false;
}

void FsRun::put_aside() {
  std::vector<std::string> old;
  for (const std::string& name : names_in(directory_)) {
    struct stat info {};
    if (is_run_file(name) && look(directory_ + "/" + name, info) && !S_ISDIR(info.st_mode)) old.push_back(name);
  }
  if (old.empty()) return;
  if (options_.history_keep > 0) return History(options_.root).keep(key_, directory_, old, options_.history_keep);
  for (const std::string& name : old) ::unlink((directory_ + "/" + name).c_str());  // one that stays behind is only old
}

}  // namespace ktstr::fs_store
