// SPDX-License-Identifier: Apache-2.0
#include "pool/spool_push.hpp"

#include <fcntl.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>

#include "pool/pool.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

std::string give_up_hint(const SpoolEntry& entry) {
  return "to give these results up: rm -r " + printable(entry.directory.string());
}

/// All of it as it was kept.
Status check_files(const SpoolEntry& entry) {
  for (const SpooledFile& file : entry.files) {
    const fs::path path = entry.directory / file.file;
    const auto sum = sha256_of_file(path);
    if (!sum) return environment_error(sum.error().message, give_up_hint(entry));
    if (*sum != file.sha256) {
      return environment_error(
          printable(path.string()) + " is not what was kept of " + printable(file.name) + " any more",
          give_up_hint(entry));
    }
  }
  return Ok{};
}

std::string described(const StoreIdentity& store) {
  return printable(store.use) + " (" + printable(store.plugin) + ", options " +
         printable(to_text(store.options, 0)) +
         (store.directory.empty() ? "" : ", KTSTR_SIDECAR_DIR " + printable(store.directory)) + ")";
}

Status check_store(const SpoolEntry& entry, const StoreIdentity& configured) {
  if (entry.store == configured) return Ok{};
  return environment_error(printable(entry.directory.string()) + " was kept for another store, " +
                               described(entry.store) + "; configured is " + described(configured),
                           "configure that store, and push again");
}

/// What the invocation of an entry meant to run, when the entry has that.
std::optional<RunManifest> own_manifest(const SpoolEntry& entry) {
  for (const SpooledFile& file : entry.files) {
    if (!is_run_manifest_name(file.name)) continue;
    const auto text = read_file(entry.directory / file.file, kMaxRunManifest);
    auto manifest = text ? parse_run_manifest(*text, file.name) : Result<RunManifest>(text.error());
    if (manifest) return std::move(*manifest);
  }
  return std::nullopt;
}

/// Whether results of both may stand beside each other: other tests, of the same files.
bool go_together(const RunManifest& one, const RunManifest& other) {
  const auto same = [](const PlannedTest& a, const PlannedTest& b) {
    return a.selected && b.selected && a.test == b.test && a.topology == b.topology &&
           a.scheduler == b.scheduler;
  };
  return one.tree_state == other.tree_state &&
         std::none_of(one.tests.begin(), one.tests.end(), [&](const PlannedTest& test) {
           return std::any_of(other.tests.begin(), other.tests.end(),
                              [&](const PlannedTest& another) { return same(test, another); });
         });
}

/// Older results must not take the place of newer ones. Whose are newer is told by the manifests of the run.
Status check_newer(StorePort& store, const SpoolEntry& entry) {
  const auto runs = store.list_runs();
  if (!runs) return runs.error();
  const bool known =
      std::any_of(runs->begin(), runs->end(), [&](const RunEntry& run) { return run.key == entry.run.key; });
  if (!known) return Ok{};  // or a pass of a session, which nobody else writes
  const std::optional<RunManifest> own = own_manifest(entry);
  const auto files = store.list_artifacts(entry.run.key);
  if (!files) return files.error();
  for (const SidecarEntry& file : *files) {
    if (!is_run_manifest_name(file.name)) continue;
    const auto text = store.read(entry.run.key, file.name, kMaxRunManifest, file.bytes);
    if (!text) return text.error();
    const auto manifest = parse_run_manifest(*text, file.name);
    if (!manifest || manifest->session == entry.run.session || manifest->started <= entry.began) continue;
    if (own && go_together(*own, *manifest)) continue;
    return environment_error(printable(entry.run.key) + " has results of a later invocation, begun " +
                                 printable(manifest->started) + ": those of " + printable(entry.began) +
                                 " would take their place",
                             give_up_hint(entry));
  }
  return Ok{};
}

/// The session that a pass belongs to, held; nothing for a run.
Result<std::unique_ptr<StoreSessionPort>> session_of(StorePort& store, const SpoolEntry& entry) {
  if (kind_of_key(entry.run.key) != StoredKind::kSession) return std::unique_ptr<StoreSessionPort>();
  const std::string key = entry.run.key.substr(0, entry.run.key.rfind('/'));
  const auto sessions = store.list_sessions();
  if (!sessions) return sessions.error();
  const bool known = std::any_of(sessions->begin(), sessions->end(),
                                 [&](const RunEntry& session) { return session.key == key; });
  if (!known) {
    return environment_error("the session " + printable(key) + " that these results belong to is gone",
                             give_up_hint(entry));
  }
  return store.begin_session(key.substr(key.rfind('/') + 1), true);
}

Status store_files(StorePort& store, const SpoolEntry& entry) {
  auto run = store.begin_run(entry.run);
  KTSTR_ASSERT(!entry.files.empty());  // as its reader insists
  if (!run) return run.error();
  for (const SpooledFile& file : entry.files) {
    const auto bytes = read_file(entry.directory / file.file, file.bytes);
    if (!bytes) return bytes.error();
    if (const Status stored = (*run)->put({file.name, *bytes, file.artifact}); !stored) return stored;
  }
  const auto ended = (*run)->end(false);
  return ended ? Status(Ok{}) : Status(ended.error());
}

Status push(StorePort& store, const SpoolEntry& entry) {
  auto session = session_of(store, entry);
  if (!session) return session.error();
  const Status stored = store_files(store, entry);
  if (*session) {
    if (const auto ended = (*session)->end(); stored && !ended) return ended.error();
  }
  return stored;
}

class Push {
 public:
  Push(StorePort& store, StoreIdentity configured, bool dry_run)
      : store_(store), configured_(std::move(configured)), dry_run_(dry_run) {}

  Status one(const SpoolEntry& entry) {
    if (const Status mine = check_store(entry, configured_); !mine) return mine;
    if (const Status whole = check_files(entry); !whole) return whole;
    if (const Status newest = check_newer(store_, entry); !newest) return newest;
    if (dry_run_) return Ok{};
    if (const Status done = push(store_, entry); !done) return done;
    remove_spooled(entry.directory);
    return Ok{};
  }

 private:
  StorePort& store_;
  StoreIdentity configured_;
  bool dry_run_;
};

/// An entry whose lock is held.
struct HeldEntry {
  SpoolEntry entry;
  kit::HeldLock lock;
};

/// Oldest first. Entries that cannot be pushed are told in `kept`.
std::vector<HeldEntry> take(const std::vector<fs::path>& directories, std::vector<Error>& kept) {
  std::vector<HeldEntry> entries;
  for (const fs::path& directory : directories) {
    kit::HeldLock lock = kit::HeldLock::try_take(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!lock && (errno == ENOENT || errno == ESTALE)) continue;  // somebody else has pushed it
    if (!lock && errno == EWOULDBLOCK) {
      kept.push_back(environment_error(
          printable(directory.string()) + " is being written or pushed by somebody else" +
          (kit::lock_holders(directory).empty() ? "" : ", " + printable(kit::lock_holders(directory)))));
      continue;
    }
    if (!lock) {
      kept.push_back(
          to_error(kit::system_failure("cannot lock", directory.string()), {}, ExitCode::kEnvironment));
      continue;
    }
    auto entry = read_spooled(directory);
    if (!entry) {
      kept.push_back(environment_error(entry.error().message,
                                       "to give these results up: rm -r " + printable(directory.string())));
      continue;
    }
    entries.push_back({std::move(*entry), std::move(lock)});
  }
  std::sort(entries.begin(), entries.end(),
            [](const HeldEntry& a, const HeldEntry& b) { return a.entry.began < b.entry.began; });
  return entries;
}

}  // namespace

Result<PushOutcome> push_spooled(const AppContext& context, bool dry_run) {
  const std::vector<fs::path> places = spool_places(context);
  if (!dry_run) sweep_spool(places);
  const auto directories = spooled(places);
  if (!directories) return directories.error();
  PushOutcome outcome;
  std::vector<HeldEntry> entries = take(*directories, outcome.kept);
  if (entries.empty()) return outcome;
  auto store = open_store(context, {true, {}, dry_run});
  if (!store) return store.error();
  Push push(**store, store_identity(context), dry_run);
  for (const auto& [entry, lock] : entries) {
    if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
    if (const Status done = push.one(entry); !done) {
      outcome.kept.push_back(done.error());
      continue;
    }
    PushedEntry told{entry.run.key, entry.began, entry.files.size(), 0};
    for (const SpooledFile& file : entry.files) told.bytes += file.bytes;
    outcome.pushed.push_back(std::move(told));
  }
  return outcome;
}

}  // namespace ktstr
