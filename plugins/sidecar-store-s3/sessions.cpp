// SPDX-License-Identifier: Apache-2.0
#include "sessions.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <map>

#include "run_view.hpp"
#include "s3_run.hpp"

namespace ktstr::s3_store {
namespace {

constexpr std::int64_t kForgottenSeconds = 86'400;

std::string hold_of(const std::string& name) {
  return std::string(kSessionObjects) + name + std::string(kHoldName);
}

}  // namespace

class Sessions::Held : public sdk::StoreSession {
 public:
  Held(Sessions& sessions, std::string name) : sessions_(sessions), name_(std::move(name)) {
    sessions_.held_.insert(name_);
  }
  ~Held() override {
    if (!let_go_) sessions_.held_.erase(name_);  // it was never ended: the hold tells who had it
  }
  std::string key() const override { return std::string(kSessionKeys) + name_; }
  std::uint64_t end() override {
    let_go_ = true;
    sessions_.held_.erase(name_);
    sessions_.client_.remove(hold_of(name_));
    return sessions_.remove_old();
  }

 private:
  Sessions& sessions_;
  std::string name_;
  bool let_go_ = false;
};

std::vector<SessionEntry> Sessions::entries() {
  std::map<std::string, SessionEntry> by_name;
  for (const ListedObject& object : client_.list(std::string(kSessionObjects))) {
    const auto name = parse_object_name(object.key);
    if (!name) continue;
    const std::string session = kit::split(name->place.substr(kSessionObjects.size()), '/').front();
    SessionEntry& entry = by_name[session];
    entry.name = session;
    entry.mtime_ns = std::max(entry.mtime_ns, object.mtime_ns);
    entry.keys.push_back(object.key);
    entry.held = entry.held || name->kind == ObjectKind::kHold;
    if (name->kind != ObjectKind::kHold) entry.stamp ^= object_stamp(object);
  }
  std::vector<SessionEntry> found;
  for (auto& [name, entry] : by_name) found.push_back(std::move(entry));
  std::stable_sort(found.begin(), found.end(), [](const SessionEntry& a, const SessionEntry& b) {
    return a.mtime_ns != b.mtime_ns ? a.mtime_ns > b.mtime_ns : a.name > b.name;
  });
  return found;
}

/// Made by nobody but the holder. On a server that knows no conditions it is looked at before it is made.
void Sessions::take(const std::string& name) {
  const std::string key = hold_of(name),
                    mine = writer_text(name + " " + new_writer(client_.now() * 1000, ""));
  for (bool again = false;; again = true) {
    const std::vector<ListedObject> there = client_.list(key);
    const bool held =
        std::any_of(there.begin(), there.end(), [&](const auto& object) { return object.key == key; });
    if (!held && client_.make(key, mine) != Client::Made::kOther) return;
    std::string text;
    if (!again && held && is_stale(there.front(), text)) {
      client_.remove(key);
      continue;
    }
    if (text.empty() && held) text = client_.get(key);
    throw sdk::Error(
        KTSTR_CONFLICT,
        "the session " + name + " is being measured by " + (text.empty() ? "somebody" : writer_shown(text)),
        "wait for it; if it was killed: ktstr runs prune --only locks removes its hold after a day");
  }
}

bool Sessions::is_stale(const ListedObject& hold, std::string& text) {
  const bool old = hold.mtime_ns > 0 && hold.mtime_ns / 1'000'000'000 + kForgottenSeconds < client_.now();
  text = client_.get(hold.key);
  return old || writer_has_ended(text);
}

std::unique_ptr<sdk::StoreSession> Sessions::begin(std::string_view name, bool resume) {
  if (resume) {
    for (const SessionEntry& entry : entries()) {
      if (entry.name != name && !entry.name.starts_with(std::string(name) + "-")) continue;
      take(entry.name);
      return std::make_unique<Held>(*this, entry.name);
    }
  }
  const std::string mine = std::string(name) + "-" + new_writer(client_.now() * 1000, "");
  take(mine);
  return std::make_unique<Held>(*this, mine);
}

void Sessions::remove(const std::string& name) {
  for (const SessionEntry& entry : entries()) {
    if (entry.name != name) continue;
    if (entry.held) {
      const std::string text = client_.get(hold_of(name));
      if (!writer_has_ended(text))
        throw sdk::Error(
            KTSTR_CONFLICT, "the session " + name + " is being measured by " + writer_shown(text),
            "wait for it; if it was killed: ktstr runs prune --only locks removes its hold after a day");
    }
    return client_.remove_all(entry.keys);
  }
  throw sdk::Error(KTSTR_NOT_FOUND,
                   "there is no session \"" + name + "\" in " + client_.location().shown(kSessionObjects));
}

std::uint64_t Sessions::remove_old() {
  if (keep_ == 0) return 0;
  std::uint64_t removed = 0;
  const std::vector<SessionEntry> all = entries();
  for (std::size_t i = keep_; i < all.size(); ++i) {
    if (all[i].held) continue;
    client_.remove_all(all[i].keys);
    ++removed;
  }
  return removed;
}

std::vector<std::string> Sessions::sweep(bool dry_run) {
  std::vector<std::string> gone;
  for (const ListedObject& object : client_.list(std::string(kSessionObjects))) {
    const auto name = parse_object_name(object.key);
    std::string text;
    if (!name || name->kind != ObjectKind::kHold || !is_stale(object, text)) continue;
    if (!dry_run) client_.remove(object.key);
    gone.push_back(object.key);
  }
  return gone;
}

}  // namespace ktstr::s3_store
