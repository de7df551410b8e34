// SPDX-License-Identifier: Apache-2.0
#include "s3_store.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "s3_run.hpp"

namespace ktstr::s3_store {
namespace {

constexpr std::string_view kHistoryKeys = ".history/";
constexpr const char* kProbes = "v1/probe/";
constexpr std::int64_t kSilentSeconds =
    600;  // a writer elsewhere that was heard of since then may be at work

/// The host has checked keys and names already; an object's name must not depend on that.
void check_relative(std::string_view text, const char* what) {
  for (const std::string& part : kit::split(text, '/')) {
    if (part.empty() || part == "." || part == ".." || printable(part) != part)
      throw sdk::Error(KTSTR_INVALID_ARGUMENT,
                       "not a " + std::string(what) + ": \"" + printable(text) + "\"");
  }
}

/// "v1/runs/KEY", "v1/sessions/SESSION/PASS".
std::string place_of(std::string_view key) {
  check_relative(key, "run key");
  if (key.starts_with(kSessionKeys))
    return std::string(kSessionObjects) + std::string(key.substr(kSessionKeys.size()));
  if (key.find('/') != std::string_view::npos)
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, "not a run key: \"" + std::string(key) + "\"");
  return std::string(kRuns) + std::string(key);
}

/// ".history/RUN/ID".
std::pair<std::string, std::string> past_of(std::string_view key) {
  const std::vector<std::string> parts = kit::split(key, '/');
  if (parts.size() != 3 || !is_writer(parts[2]))
    throw sdk::Error(KTSTR_NOT_FOUND, "there is no entry \"" + printable(key) + "\" of the history");
  return {parts[1], parts[2]};
}

/// An open run is not removed.
class OpenRun : public S3Run {
 public:
  template <typename... Arguments>
  OpenRun(std::set<std::string>& open, Arguments&&... arguments)
      : S3Run(std::forward<Arguments>(arguments)...), open_(open) {
    open_.insert(place());
  }
  ~OpenRun() override { open_.erase(place()); }

 private:
  std::set<std::string>& open_;
};

}  // namespace

S3Store::S3Store(Options options, const Variables& variables, CredentialChain::Conceal conceal)
    : options_(std::move(options)),
      profile_(variables),
      location_(locate_bucket(options_, variables, profile_)),
      http_(location_.ca_bundle, options_.cancelled),
      credentials_(variables, profile_, location_.region, http_, std::move(conceal)),
      client_(options_, location_, http_, credentials_),
      cache_(options_.cache_dir.empty() ? "" : options_.cache_dir + "/s3",
             location_.origin + location_.path_prefix + "/" + location_.bucket.prefix,
             options_.cache_mib << 20U),
      sessions_(client_, options_.sessions_keep) {}

std::map<std::string, std::vector<ListedObject>> S3Store::by_place(const std::string& prefix) {
  std::map<std::string, std::vector<ListedObject>> places;
  for (ListedObject& object : client_.list(prefix)) {
    const auto name = parse_object_name(object.key);
    if (name) places[name->place].push_back(std::move(object));
  }
  return places;
}

void S3Store::list_runs(const sdk::RunVisitor& visit) {
  struct Run {
    std::string key;
    RunView view;
  };
  std::vector<Run> runs;
  for (const auto& [place, objects] : by_place(std::string(kRuns))) {
    RunView view = resolve_run(objects);
    if (!view.files.empty()) runs.push_back({place.substr(kRuns.size()), std::move(view)});
  }
  std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
    return a.view.mtime_ns != b.view.mtime_ns ? a.view.mtime_ns > b.view.mtime_ns : a.key < b.key;
  });
  for (const Run& run : runs)
    visit(run.key, run.view.mtime_ns, run.view.sidecars(),
          location_.shown(std::string(kRuns) + run.key + "/"), run.view.stamp);
}

void S3Store::list_history(const sdk::RunVisitor& visit) {
  struct Entry {
    std::string key, place;
    const PastRun* past;
    std::int64_t mtime_ns = 0;
    std::uint64_t stamp = 0;
  };
  std::map<std::string, RunView> views;
  std::vector<Entry> entries;
  for (const auto& [place, objects] : by_place(std::string(kRuns))) views[place] = resolve_run(objects);
  for (const auto& [place, view] : views) {
    for (const PastRun& past : view.past) {
      Entry entry{std::string(kHistoryKeys) + place.substr(kRuns.size()) + "/" + past.id, place, &past};
      for (const auto& [name, object] : past.files) {
        entry.mtime_ns = std::max(entry.mtime_ns, object.mtime_ns);
        entry.stamp ^= object_stamp(object);
      }
      entries.push_back(std::move(entry));
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.past->id > b.past->id; });
  for (const Entry& entry : entries) {
    const auto sidecars = std::count_if(entry.past->files.begin(), entry.past->files.end(),
                                        [](const auto& file) { return is_sidecar_name(file.first); });
    visit(entry.key, entry.mtime_ns, static_cast<std::uint64_t>(sidecars), location_.shown(entry.place + "/"),
          entry.stamp);
  }
}

S3Store::Listing S3Store::listing_of(std::string_view key) {
  Listing listing;
  if (key.starts_with(kHistoryKeys)) {
    const auto [run, id] = past_of(key);
    const RunView view = resolve_run(client_.list(place_of(run) + "/"));
    for (const PastRun& past : view.past) {
      if (past.id != id) continue;
      listing = {past.files, true};
    }
  } else {
    const std::string place = place_of(key);
    for (const auto& [found, objects] : by_place(place + "/")) {
      listing.exists = true;
      const std::string below = found == place ? "" : found.substr(place.size() + 1) + "/";
      for (auto& [name, object] : resolve_run(objects).files) listing.files[below + name] = object;
    }
  }
  const kit::Lock lock(mutex_);
  known_[std::string(key)] = listing;
  return listing;
}

void S3Store::list_files(std::string_view key, bool sidecars, const sdk::SidecarVisitor& visit) {
  const Listing listing = listing_of(key);
  if (!listing.exists)
    throw sdk::Error(KTSTR_NOT_FOUND,
                     "there is no run \"" + std::string(key) + "\" in " + location_.shown(kRuns));
  for (const auto& [name, object] : listing.files) {
    if (is_sidecar_name(name) == sidecars) visit(name, object.bytes, object.mtime_ns, object_stamp(object));
  }
}

void S3Store::list_sidecars(std::string_view key, const sdk::SidecarVisitor& visit) {
  list_files(key, true, visit);
}
void S3Store::list_artifacts(std::string_view key, const sdk::SidecarVisitor& visit) {
  list_files(key, false, visit);
}

ListedObject S3Store::object_of(std::string_view key, std::string_view name) {
  {
    const kit::Lock lock(mutex_);
    const auto known = known_.find(key);
    if (known != known_.end()) {
      const auto file = known->second.files.find(name);
      if (file != known->second.files.end()) return file->second;
    }
  }
  const Listing listing = listing_of(key);
  const auto file = listing.files.find(name);
  if (file == listing.files.end())
    throw sdk::Error(KTSTR_NOT_FOUND,
                     std::string(key) + "/" + std::string(name) + " is not in " + location_.shown(""));
  return file->second;
}

std::string S3Store::bytes_of(std::string_view key, std::string_view name) {
  check_relative(name, "file name");
  const ListedObject object = object_of(key, name);
  if (auto cached = cache_.find(object)) return *std::move(cached);
  std::string bytes = client_.get(object.key);
  if (bytes.size() == object.bytes) cache_.keep(object, bytes);
  return bytes;
}

void S3Store::read(std::string_view key, std::string_view name, const sdk::Writer& out) {
  out.write(bytes_of(key, name));
}

/// One after the other over one connection: the host asks with kRequestsAtOnce threads.
void S3Store::read_many(std::string_view key, const std::vector<std::string_view>& names,
                        const sdk::FileVisitor& visit) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string bytes;
    try {
      bytes = bytes_of(key, names[i]);
    } catch (const sdk::Error& error) {
      if (error.status() == KTSTR_CANCELLED) throw;
      visit(i, error);
      continue;
    }
    visit(i, bytes);
  }
}

/// Makes an object of its own, since others look at the same moment, and removes it.
void S3Store::probe() {
  const std::string key = kProbes + new_writer(client_.now() * 1000, "");
  client_.make(key, "");
  try {
    client_.remove(key);
  } catch (const sdk::Error& error) {
    if (error.status() != KTSTR_IO) throw;  // not allowed to: results can be stored all the same
  }
}

void S3Store::forget(const std::string& key) {
  const kit::Lock lock(mutex_);
  known_.erase(key);
}

std::unique_ptr<sdk::StoreRun> S3Store::begin_run(const sdk::RunRequest& request) {
  const std::string key(request.key), place = place_of(key);
  if (key.starts_with(kSessionKeys)) {
    const std::string session = kit::split(key.substr(kSessionKeys.size()), '/').front();
    if (!sessions_.holds(session))
      throw sdk::Error(KTSTR_INVALID_ARGUMENT, "the session of \"" + key + "\" was not begun");
  }
  return std::make_unique<OpenRun>(
      open_, client_, place, request, [this, key] { forget(key); }, options_.warn);
}

std::string S3Store::locate(std::string_view key, std::string_view name) {
  if (name.empty()) {
    const bool past = key.starts_with(kHistoryKeys);
    return location_.shown((past ? place_of(past_of(key).first) : place_of(key)) + "/");
  }
  return location_.shown(object_of(key, name).key);
}

void S3Store::remove(std::string_view key) {
  forget(std::string(key));
  if (key.starts_with(kHistoryKeys)) {
    const auto [run, id] = past_of(key);
    return remove_past(run, id);
  }
  if (key.starts_with(kSessionKeys)) return sessions_.remove(std::string(key.substr(kSessionKeys.size())));
  remove_run(std::string(key));
}

void S3Store::remove_run(const std::string& key) {
  const std::string place = place_of(key);
  const RunView view = resolve_run(client_.list(place + "/"));
  if (view.keys.empty())
    throw sdk::Error(KTSTR_NOT_FOUND, "there is no run \"" + key + "\" in " + location_.shown(kRuns));
  if (open_.contains(place)) throw sdk::Error(KTSTR_CONFLICT, key + " is being written by this process");
  for (const WriterState& writer : view.writers) {
    const bool heard_of = writer.last_ns / 1'000'000'000 + kSilentSeconds > client_.now();
    if (writer.ended || !heard_of || writer.begin_key.empty()) continue;
    const std::string text = client_.get(writer.begin_key);
    if (writer_has_ended(text)) continue;
    throw sdk::Error(KTSTR_CONFLICT, key + " is being written by " + writer_shown(text),
                     "wait for it; of one that was killed elsewhere ten minutes are waited for");
  }
  client_.remove_all(view.keys);
}

/// What only this entry shows; the rest belongs to others, too.
void S3Store::remove_past(const std::string& run, const std::string& id) {
  const RunView view = resolve_run(client_.list(place_of(run) + "/"));
  std::set<std::string> elsewhere;
  std::vector<std::string> gone;
  bool found = false;
  for (const auto& [name, object] : view.files) elsewhere.insert(object.key);
  for (const PastRun& past : view.past) {
    found = found || past.id == id;
    if (past.id == id) continue;
    for (const auto& [name, object] : past.files) elsewhere.insert(object.key);
  }
  if (!found)
    throw sdk::Error(KTSTR_NOT_FOUND, "there is no entry \"" + std::string(kHistoryKeys) + run + "/" + id +
                                          "\" of the history");
  for (const PastRun& past : view.past) {
    if (past.id != id) continue;
    for (const auto& [name, object] : past.files) {
      if (!elsewhere.contains(object.key)) gone.push_back(object.key);
    }
  }
  client_.remove_all(gone);
}

std::unique_ptr<sdk::StoreSession> S3Store::begin_session(std::string_view name, bool resume) {
  check_relative(name, "session name");
  return sessions_.begin(name, resume);
}

void S3Store::list_sessions(const sdk::RunVisitor& visit) {
  for (const SessionEntry& entry : sessions_.entries())
    visit(std::string(kSessionKeys) + entry.name, entry.mtime_ns, KTSTR_NOT_COUNTED,
          location_.shown(std::string(kSessionObjects) + entry.name + "/"), entry.stamp);
}

void S3Store::tidy(bool dry_run, const sdk::RunVisitor& visit) {
  for (const std::string& key : sessions_.sweep(dry_run)) visit(key, 0, 0, location_.shown(key));
}

}  // namespace ktstr::s3_store
