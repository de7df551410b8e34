// SPDX-License-Identifier: Apache-2.0
#include "fs_run.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/utf8.hpp>
#include <ktstr/kit/write_file.hpp>
#include <optional>

#include "durable_file.hpp"
#include "history.hpp"
#include "run_directory.hpp"
#include "run_lock.hpp"
#include "run_marks.hpp"
#include "sessions.hpp"

namespace ktstr::fs_store {
namespace {
constexpr std::size_t kLongestToken =
    200;  // of a session or of the inputs: in the file of marks each is one line
}

FsRun::FsRun(const Options& options, std::string directory, const sdk::RunRequest& request)
    : options_(options),
      directory_(std::move(directory)),
      key_(request.key),
      session_(printable_start(request.session, kLongestToken)),
      inputs_(printable_start(request.inputs, kLongestToken)),
      preclear_(request.preclear),
      partial_(request.partial),
      in_session_(request.key.starts_with(std::string(kSessions) + "/")) {}

void FsRun::put(const sdk::PutRequest& request) {
  const auto& [name, bytes, artifact] = request;
  if (artifact ? !is_artifact_name(name) : !is_sidecar_name(name)) {
    throw sdk::Error(KTSTR_INVALID_ARGUMENT,
                     std::string(artifact ? "not the name of an artifact" : "not a sidecar's name") + ": \"" +
                         std::string(name) + "\"");
  }
  check_relative(name, "file name", false);
  locked([this, name = name, bytes = bytes, artifact = artifact] {
    // A test that ran again has the artifacts of this run or none.
    if (!artifact && options_.directory.empty()) {
      for (const std::string& other : names_in(directory_)) {
        if (lies_beside(name, other)) ::unlink((directory_ + "/" + other).c_str());
      }
    }
    write_durably(directory_, name, bytes);
    mine_.emplace(name);
    KTSTR_ASSERT(begun_);
  });
}

void FsRun::remove_artifact(std::string_view name) {
  check_relative(name, "file name", false);
  if (!is_artifact_name(name))
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, "not the name of an artifact: \"" + std::string(name) + "\"");
  locked([&] {
    const std::string path = directory_ + "/" + std::string(name);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("cannot remove", path);
  });
}

/// Does `work` as the only writer of the run, with what earlier invocations left taken care of. In the user's
/// own directory there is no lock and nothing is cleared; in a session its holder is the only writer anyway.
template <typename Work>
void FsRun::locked(const Work& work) {
  const std::string locks = options_.root + "/.locks";
  if (options_.directory.empty()) {
    refuse_links(options_.root, key_);
    refuse_links(options_.root, ".locks");
  }
  make_directories_durably(directory_);
  std::optional<RunLock> lock;
  if (options_.directory.empty() && !in_session_) {
    make_directories_durably(locks);
    lock.emplace(locks + "/" + key_ + ".lock", options_.lock_patience, options_.cancelled);
    make_directories_durably(directory_);  // `runs rm` or a person may have removed it while we waited
  }
  if (!begun_) {
    kit::sweep_temporaries(directory_);
    if (options_.directory.empty()) begin_once(locks);
    alive_ = kit::HeldLock::try_take(directory_, O_RDONLY | O_DIRECTORY, kit::HeldLock::Kind::kShared);
    begun_ = true;
  }
  work();
}

/// The marks tell whether a peer of this invocation has done it. They are written last: killed in between,
/// nothing of this invocation has been stored, and its next writer goes on with the clearing.
void FsRun::begin_once(const std::string& locks) {
  KTSTR_ASSERT(!begun_ && before_.empty() && changes_.cleared == 0);
  if (!preclear_) return;
  if (in_session_) return clear(old_files());
  const std::string name = key_ + ".session";
  RunMarks marks = read_marks(locks + "/" + name);
  if (!session_.empty() && marks.knows(session_)) {
    if (marks.inputs == inputs_ || marks.inputs.empty()) return;
    marks.inputs.clear();  // one invocation, two inputs: of what is in the run now nobody can say from which
                           // it follows
    return write_marks(locks, name, marks);
  }
  const std::vector<std::string> old = old_files();
  const bool same = !inputs_.empty() && marks.inputs == inputs_;
  if (!same) {
    clear(old);
    changes_.other_inputs = changes_.cleared > 0;
    marks.inputs = inputs_;
  } else {
    if (options_.history_keep > 0 && !old.empty())
      History(options_.root).keep(key_, directory_, old, options_.history_keep, History::Keep::kLink);
    struct stat info {};
    for (const std::string& one : old) {
      if (look(directory_ + "/" + one, info)) before_[one] = file_stamp(info);
    }
  }
  marks.add(session_);
  kit::sweep_temporaries(locks);
  write_marks(locks, name, marks);
}

std::vector<std::string> FsRun::old_files() const {
  std::vector<std::string> old;
  struct stat info {};
  for (const std::string& name : names_in(directory_)) {
    if (is_run_file(name) && look(directory_ + "/" + name, info) && !S_ISDIR(info.st_mode))
      old.push_back(name);
  }
  return old;
}

void FsRun::clear(const std::vector<std::string>& names) {
  changes_.cleared += static_cast<std::uint64_t>(std::count_if(names.begin(), names.end(), is_sidecar_name));
  if (names.empty()) return;
  KTSTR_ASSERT(options_.directory.empty());  // nothing of a directory of the user's own
  if (options_.history_keep > 0 && !in_session_)
    return History(options_.root).keep(key_, directory_, names, options_.history_keep, History::Keep::kMove);
  for (const std::string& name : names)
    ::unlink((directory_ + "/" + name).c_str());  // one that stays behind is only old
}

/// Results of tests that this invocation, which ran all there are, did not have. What a peer wrote in the
/// meantime is not what was there before; what the history holds already is only unlinked.
void FsRun::clear_what_is_left() {
  KTSTR_ASSERT(begun_ && !partial_);
  struct stat info {};
  for (const auto& [name, stamp] : before_) {
    const std::string path = directory_ + "/" + name;
    if (mine_.contains(name) || !look(path, info) || file_stamp(info) != stamp || ::unlink(path.c_str()) != 0)
      continue;
    changes_.cleared += is_sidecar_name(name) ? 1 : 0;
  }
}

sdk::RunChanges FsRun::end(bool complete) {
  if (complete && !partial_ && !before_.empty()) locked([&] { clear_what_is_left(); });
  alive_ = {};
  return changes_;
}

}  // namespace ktstr::fs_store
