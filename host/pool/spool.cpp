// SPDX-License-Identifier: Apache-2.0
#include "pool/spool.hpp"

#include <fcntl.h>

#include <array>
#include <ctime>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/json_reader.hpp>
#include <ktstr/kit/random.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>
#include <ktstr/kit/write_file.hpp>

#include "support/files.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kSpoolVersion = 1;
constexpr std::uint64_t kMaxSpoolText = 64 << 20;
constexpr const char* kSpoolText = "spool.json";
constexpr std::string_view kMaking = ".making-";
constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr int kTriesToMake = 10;

constexpr std::array<std::string_view, 5> kEntryKeys = {"schema_version", "began", "store", "run", "files"};
constexpr std::array<std::string_view, 4> kStoreKeys = {"plugin", "use", "options", "directory"};
constexpr std::array<std::string_view, 4> kRunKeys = {"key", "session", "inputs", "partial"};
constexpr std::array<std::string_view, 5> kFileKeys = {"file", "name", "artifact", "bytes", "sha256"};

Status status_of(const kit::Done& done) { return done ? Status(Ok{}) : Status(to_error(done.error())); }

/// A key or a name that leads nowhere else.
std::string relative(const Located& located) {
  std::string text = located.text(4096);
  for (const std::string& part : split(text, '/')) {
    if (part.empty() || part == "." || part == ".." || printable(part) != part)
      refuse(located.place, "\"" + printable(text) + "\" is no name of a run or of a file in one");
  }
  return text;
}

SpooledFile file_of(const Located& located) {
  const StrictObject object(located, kFileKeys);
  SpooledFile file{object.get("file").text(20), relative(object.get("name")),
                   object.get("artifact").boolean(), object.get("bytes").integer(0, INT64_MAX),
                   object.get("sha256").text(64)};
  const bool number = !file.file.empty() && file.file.find_first_not_of("0123456789") == std::string::npos;
  if (!number) refuse(object.get("file").place, "expected a number");
  return file;
}

SpoolEntry read_entry(const json::value& value, const std::string& what) {
  const StrictObject object({&value, what}, kEntryKeys, true);
  object.get("schema_version").integer(kSpoolVersion, kSpoolVersion);
  SpoolEntry entry;
  entry.began = object.get("began").text(100);
  const StrictObject store(object.get("store"), kStoreKeys);
  if (!store.get("options").value->is_object())
    wrong(store.get("options").place, "an object", *store.get("options").value);
  entry.store = {store.get("plugin").text(), store.get("use").text(),
                 store.get("options").value->get_object(), store.get("directory").text()};
  const StrictObject run(object.get("run"), kRunKeys);
  entry.run = {relative(run.get("key")), run.get("session").text(), run.get("inputs").text(), false,
               run.get("partial").boolean()};
  for (const Located& file : object.get("files").items(1)) entry.files.push_back(file_of(file));
  return entry;
}

/// Of ours, and no link that somebody left there.
Status make_place(const fs::path& place) {
  if (const Status made = status_of(kit::make_directories_durably(place)); !made) return made;
  if (kit::Fd(::open(place.c_str(), kDirectory | O_CLOEXEC)).open()) return Ok{};
  return to_error(kit::system_failure("cannot keep files in", place.string()));
}

}  // namespace

StoreIdentity store_identity(const AppContext& context) {
  StoreIdentity identity;
  identity.use = context.config.store.use;
  for (const PluginIdentity& one : context.plugins.used()) {
    if (one.kind == "store" && one.name == identity.use) identity.plugin = one.id;
  }
  identity.options = kit::object_or_empty(context.config.store.options_json);
  if (!context.environment.sidecar_dir.empty())
    identity.directory = fs::absolute(context.environment.sidecar_dir).lexically_normal().string();
  return identity;
}

std::vector<fs::path> spool_places(const AppContext& context) {
  const fs::path root = creation_of(context, "{}").runs_root;
  return {root / ".spool", context.config.cache_dir / "spool" / kit::sha256_of(root.string()).substr(0, 16)};
}

std::string spool_text(const SpoolEntry& entry) {
  json::array files;
  for (const SpooledFile& file : entry.files) {
    files.push_back({{"file", file.file},
                     {"name", file.name},
                     {"artifact", file.artifact},
                     {"bytes", file.bytes},
                     {"sha256", file.sha256}});
  }
  return to_text(json::object{{"schema_version", kSpoolVersion},
                              {"began", entry.began},
                              {"store",
                               {{"plugin", entry.store.plugin},
                                {"use", entry.store.use},
                                {"options", entry.store.options},
                                {"directory", entry.store.directory}}},
                              {"run",
                               {{"key", entry.run.key},
                                {"session", entry.run.session},
                                {"inputs", entry.run.inputs},
                                {"partial", entry.run.partial}}},
                              {"files", std::move(files)}}) +
         "\n";
}

Result<SpoolEntry> parse_spool(std::string_view text, const fs::path& directory) {
  const std::string what = printable((directory / kSpoolText).string());
  const auto parsed = parse_json(text, what);
  auto entry =
      parsed ? checked([&] { return read_entry(*parsed, what); }) : Result<SpoolEntry>(parsed.error());
  if (!entry) return environment_error(entry.error().message, entry.error().hint);
  entry->directory = directory;
  return entry;
}

Result<SpoolEntry> read_spooled(const fs::path& directory) {
  const auto text = read_file(directory / kSpoolText, kMaxSpoolText);
  if (!text) return environment_error(text.error().message, text.error().hint);
  return parse_spool(*text, directory);
}

Result<std::vector<fs::path>> spooled(const std::vector<fs::path>& places) {
  std::vector<fs::path> entries;
  for (const fs::path& place : places) {
    std::error_code error;
    for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error)) {
      if (it->path().filename().string().front() != '.') entries.push_back(it->path());
    }
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
      return environment_error("cannot look for results that wait to be pushed in " +
                               printable(place.string()) + ": " + error.message());
  }
  return entries;
}

void sweep_spool(const std::vector<fs::path>& places) {
  for (const fs::path& place : places) {
    std::error_code error;
    std::vector<fs::path> left;
    for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error)) {
      if (it->path().filename().string().starts_with(kMaking)) left.push_back(it->path());
    }
    for (const fs::path& directory : left) {
      if (const auto nobody = kit::HeldLock::try_take(directory, kDirectory)) kit::remove_tree(directory);
    }
  }
}

void remove_spooled(const fs::path& directory) {
  KTSTR_ASSERT(directory.has_filename() && directory.has_parent_path());
  const fs::path going = directory.parent_path() / (std::string(kMaking) + directory.filename().string());
  std::error_code failed;
  fs::rename(directory, going, failed);
  if (failed) return;  // it is pushed once more, which changes nothing
  static_cast<void>(static_cast<bool>(kit::sync_directory(directory.parent_path())));
  kit::remove_tree(going);
}

Spool::Spool(std::vector<fs::path> places, StoreIdentity store, RunRequest run) : places_(std::move(places)) {
  entry_.store = std::move(store);
  entry_.run = std::move(run);
  entry_.began = kit::utc_timestamp(std::time(nullptr));
}

Status Spool::make() {
  Status made = environment_error("there is no place to keep it");
  for (const fs::path& place : places_) {
    if ((made = make_in(place))) return made;
  }
  return made;
}

/// With a name that is no entry's, which it gets with its first file.
Status Spool::make_in(const fs::path& place) {
  if (const Status there = make_place(place); !there) return there;
  for (int i = 0; i < kTriesToMake; ++i) {
    const fs::path directory = place / (std::string(kMaking) + kit::random_name());
    if (const Status made = status_of(kit::make_directories(directory, 0700)); !made) return made;
    lock_ = kit::HeldLock::try_take(directory, kDirectory);
    if (!lock_) continue;  // a sweep came in between
    entry_.directory = directory;
    return Ok{};
  }
  return to_error(kit::system_failure("cannot lock a directory in", place.string()));
}

Status Spool::keep(const StoredFile& file, const Error& why) {
  const bool first = empty();
  if (first && entry_.directory.empty()) {
    if (const Status made = make(); !made) return made;
  }
  const SpooledFile kept{std::to_string(entry_.files.size()), std::string(file.name), file.artifact,
                         file.bytes.size(), kit::sha256_of(file.bytes)};
  KTSTR_ASSERT(!entry_.directory.empty() && kept.file.size() <= 20 &&
               kept.sha256.size() == 64);  // as it is read
  const auto write = [&](const std::string& name, std::string_view bytes) {
    return status_of(kit::replace_file(entry_.directory / name, bytes, kit::Sync::kAndDirectory));
  };
  if (const Status written = write(kept.file, file.bytes); !written) return written;
  if (first) why_ = why.message;
  entry_.files.push_back(kept);
  if (const Status written = write(kSpoolText, spool_text(entry_)); !written) {
    entry_.files.pop_back();
    return written;
  }
  if (!first) return Ok{};
  KTSTR_ASSERT(entry_.directory.filename().string().starts_with(kMaking));
  const fs::path whole =
      entry_.directory.parent_path() / entry_.directory.filename().string().substr(kMaking.size());
  std::error_code failed;
  fs::rename(entry_.directory, whole, failed);
  if (failed) {
    entry_.files.pop_back();
    return environment_error("cannot keep files in " + printable(whole.string()) + ": " + failed.message());
  }
  entry_.directory = whole;
  return status_of(kit::sync_directory(whole.parent_path()));
}

Error Spool::told() const {
  KTSTR_ASSERT(!empty());
  return plugin_error(counted(entry_.files.size(), "file", "files") + " of " + printable(entry_.run.key) +
                          ", kept in " + printable(entry_.directory.string()) + ": " + why_,
                      "once the store takes them: ktstr runs push");
}

}  // namespace ktstr
