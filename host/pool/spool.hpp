// SPDX-License-Identifier: Apache-2.0
//
// What a store refused, kept on this machine until `ktstr runs push` has stored it:
//
//   {place}/{id}/spool.json    for which store, how its run is written, and each file's name, size and hash
//   {place}/{id}/{number}      the bytes of one file
//   {place}/.making-{id}/      an entry that is not there yet, or not any more
//
// An entry is whole from its first file on, and after each. Who writes or pushes one holds a lock on it.
#pragma once
#include <filesystem>
#include <ktstr/kit/lock.hpp>
#include <string>
#include <vector>

#include "session/context.hpp"

namespace ktstr {

/// A store by what it was made from: equal ones keep the same runs.
struct StoreIdentity {
  std::string plugin, use;  ///< "org.ktstr.sidecar-store", "fs"
  json::object options;     ///< as they were configured: of secrets the names
  std::string directory;    ///< KTSTR_SIDECAR_DIR

  bool operator==(const StoreIdentity&) const = default;
};
/// Of the configured store, once `open_store` has made it.
StoreIdentity store_identity(const AppContext& context);

/// Where entries lie: beside the runs, and in the cache where that cannot be written to.
std::vector<std::filesystem::path> spool_places(const AppContext& context);

struct SpooledFile {
  std::string file;  ///< in the entry's directory
  std::string name;
  bool artifact = false;
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// What one invocation could not store of one run.
struct SpoolEntry {
  std::filesystem::path directory;
  StoreIdentity store;
  RunRequest run;     ///< that clears nothing: its invocation has done so, and others may have stored since
  std::string began;  ///< the invocation, UTC
  std::vector<SpooledFile> files;  ///< in the order in which they belong into the store
};

/// The text of spool.json, and what it says; the text may be hostile.
std::string spool_text(const SpoolEntry& entry);
Result<SpoolEntry> parse_spool(std::string_view text, const std::filesystem::path& directory);

Result<SpoolEntry> read_spooled(const std::filesystem::path& directory);

/// The directories of entries, whatever they are like. A place that cannot be looked into is an error.
Result<std::vector<std::filesystem::path>> spooled(const std::vector<std::filesystem::path>& places);

/// Removes what killed writers and pushes left.
void sweep_spool(const std::vector<std::filesystem::path>& places);

/// Takes an entry away at once, whose lock the caller holds.
void remove_spooled(const std::filesystem::path& directory);

/// Made when an invocation begins; makes an entry once there is something to keep. One thread at a time.
class Spool {
 public:
  Spool(std::vector<std::filesystem::path> places, StoreIdentity store, RunRequest run);

  /// Durable when it returns. `why`: the store refused it.
  Status keep(const StoredFile& file, const Error& why);
  bool empty() const { return entry_.files.empty(); }
  /// What people are told of it.
  Error told() const;

 private:
  Status make();
  Status make_in(const std::filesystem::path& place);

  std::vector<std::filesystem::path> places_;
  SpoolEntry entry_;
  kit::HeldLock lock_;
  std::string why_;  ///< the first reason
};

}  // namespace ktstr
