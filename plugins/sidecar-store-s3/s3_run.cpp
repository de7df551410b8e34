// SPDX-License-Identifier: Apache-2.0
#include "s3_run.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/time.hpp>
#include <ktstr/kit/utf8.hpp>

namespace ktstr::s3_store {
namespace {

namespace json = kit::json;

std::string boot_id() { return kit::first_line("/proc/sys/kernel/random/boot_id"); }

/// Pids count in one pid namespace.
std::string pid_namespace() {
  char name[64];
  const ssize_t size = ::readlink("/proc/self/ns/pid", name, sizeof name);
  return size <= 0 ? std::string() : std::string(name, static_cast<std::size_t>(size));
}

std::string member_text(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t member_number(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

}  // namespace

std::string writer_text(const std::string& what) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  return kit::to_text(json::object{{"what", what},
                                   {"host", host},
                                   {"boot", boot_id()},
                                   {"pids", pid_namespace()},
                                   {"pid", static_cast<std::int64_t>(::getpid())},
                                   {"began", kit::utc_timestamp(std::time(nullptr))}}) +
         "\n";
}

bool writer_has_ended(std::string_view text) {
  const json::object object = kit::object_or_empty(text);
  const std::int64_t pid = member_number(object, "pid");
  const bool here = !boot_id().empty() && member_text(object, "boot") == boot_id() &&
                    member_text(object, "pids") == pid_namespace();
  return here && pid > 0 && pid <= INT32_MAX && ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
}

std::string writer_shown(std::string_view text) {
  const json::object object = kit::object_or_empty(text);
  const std::string host = printable_start(member_text(object, "host"), 80);
  return "process " + std::to_string(member_number(object, "pid")) + " on " +
         (host.empty() ? "some machine" : host) + ", since " +
         printable_start(member_text(object, "began"), 40);
}

S3Run::S3Run(Client& client, std::string place, const sdk::RunRequest& request, std::function<void()> changed,
             std::function<void(const std::string&)> warn)
    : client_(client), place_(std::move(place)), changed_(std::move(changed)), warn_(std::move(warn)) {
  const bool in_session = place_.starts_with(kSessionObjects);
  begin_.mode = !request.preclear ? Mode::kKeep : in_session ? Mode::kClear : Mode::kReplace;
  begin_.partial = request.partial;
  begin_.inputs = short_hash(request.inputs);
  begin_.session = short_hash(request.session);
}

void S3Run::make(const std::string& key, std::string_view bytes) {
  changed_();
  if (client_.make(key, bytes) == Client::Made::kOther) {
    throw sdk::Error(
        KTSTR_CONFLICT, client_.location().shown(key) + " is there already, with other bytes",
        "somebody writes under names of this store: remove that object, or choose another prefix");
  }
}

/// What a run consists of is told by its objects alone, so whatever others write meanwhile: nothing here has
/// to be undone, and a writer that is killed in between has changed nothing.
void S3Run::begin() {
  if (begun_) return;
  const RunView before = resolve_run(client_.list(place_ + "/"));
  if (writer_.empty()) writer_ = new_writer(client_.now() * 1000, before.newest_writer());
  changes_ = {};
  before_.clear();
  for (const auto& [name, object] : before.files) known_.insert(name);
  const bool first = begin_.session == kNoHash || !before.sessions.contains(begin_.session);
  if (begin_.mode == Mode::kClear) {
    changes_.cleared = before.sidecars();
  } else if (begin_.mode == Mode::kReplace && first) {
    if (begin_.inputs == kNoHash || begin_.inputs != before.inputs) {
      changes_.cleared = before.sidecars();
      changes_.other_inputs = changes_.cleared > 0;
    } else {
      for (const auto& [name, object] : before.files) before_[name] = object.key;
    }
  }
  make(begin_name(place_, writer_, begin_), writer_text(place_));
  begun_ = true;
}

void S3Run::put(const sdk::PutRequest& request) {
  const std::string name(request.name);
  if (!request.artifact && !is_sidecar_name(name))
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, "not a sidecar's name: \"" + name + "\"");
  begin();
  KTSTR_ASSERT(begun_ && is_writer(writer_));
  make(file_name(place_, writer_, number_ + 1, name), request.bytes);
  ++number_;
  known_.insert(name);
  mine_.insert(name);
}

void S3Run::remove_artifact(std::string_view name) {
  begin();
  if (!known_.contains(name)) return;
  make(removed_name(place_, writer_, number_ + 1, name), "");
  ++number_;
}

/// Results of tests that this invocation, which ran all there are, did not have. What a peer wrote in the
/// meantime is not what was there before.
void S3Run::drop_what_is_left() {
  KTSTR_ASSERT(begun_);
  const RunView now = resolve_run(client_.list(place_ + "/"));
  for (const auto& [name, key] : before_) {
    const auto found = now.files.find(name);
    if (mine_.contains(name) || found == now.files.end() || found->second.key != key) continue;
    make(dropped_name(place_, writer_, number_ + 1, key), "");
    ++number_;
    changes_.cleared += is_sidecar_name(name) ? 1 : 0;
  }
}

sdk::RunChanges S3Run::end(bool complete) {
  if (!begun_) return changes_;
  if (complete && !begin_.partial && !before_.empty()) drop_what_is_left();
  try {
    make(end_name(place_, writer_, complete), "");
  } catch (const sdk::Error& error) {  // everything that matters is stored
    if (error.status() == KTSTR_CANCELLED) throw;
    warn_("that the run has ended could not be noted: " + error.message());
  }
  return changes_;
}

}  // namespace ktstr::s3_store
