// SPDX-License-Identifier: Apache-2.0
//
// Looking after what the store keeps: runs, what re-runs put aside, sessions of repeated runs, locks.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "report/report_document.hpp"
#include "session/context.hpp"
#include "sidecar/run_manifest.hpp"

namespace ktstr {

enum class CareKind { kRun, kHistory, kSession, kLock };
const char* care_name(CareKind kind);  ///< "run", "history", "session", "lock"

struct KeptEntry {
  CareKind kind = CareKind::kRun;
  std::string key, location;
  std::int64_t mtime_ns = 0;
  std::uint64_t tests = 0;  ///< sidecars
  bool unfinished = false;  ///< of a run: a selected test has no outcome yet, or never got one
};

/// Everything but locks: runs, history, sessions, each the most recently changed first.
Result<std::vector<KeptEntry>> list_kept(const AppContext& context, const std::string& archive);

/// One of them in full.
struct KeptDetail {
  KeptEntry entry;
  std::optional<RunManifest> manifest;   ///< what its invocations meant to do together
  std::optional<ReportDocument> report;  ///< of a session
  std::vector<std::string> files;        ///< sidecars, then artifacts
};
Result<KeptDetail> show_kept(const AppContext& context, const std::string& archive, const std::string& key);

/// What the invocations of a run meant to do together; nothing when none has told. `problems` gets manifests
/// that cannot be read.
std::optional<RunManifest> manifest_of_run(StorePort& store, const std::string& key,
                                           std::vector<Error>& problems);

/// Removes each; the first that cannot be removed ends it. Unknown keys are found out before anything is
/// removed.
Status remove_kept(const AppContext& context, const std::string& archive,
                   const std::vector<std::string>& keys);

/// Which entries go: those that no condition protects. Runs never do.
struct PruneRequest {
  std::optional<std::uint64_t>
      keep;  ///< the newest N of each run key's history, and the newest N sessions, stay
  std::optional<std::uint64_t> older_than_days;  ///< younger ones stay
  std::set<CareKind> kinds{CareKind::kHistory, CareKind::kSession, CareKind::kLock};
  bool dry_run = false;
  std::string archive;
};

struct PruneOutcome {
  std::vector<KeptEntry> gone;  ///< history and sessions, then locks of runs that are gone
  std::vector<Error> refused;   ///< what could not be removed: somebody holds it
};
Result<PruneOutcome> prune_kept(const AppContext& context, const PruneRequest& request);

/// The run key inside the key of a history entry.
std::string run_of_history_key(const std::string& key);

}  // namespace ktstr
