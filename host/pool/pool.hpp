// SPDX-License-Identifier: Apache-2.0
//
// The pool: every sidecar of every run in the store, or in an archive copied from elsewhere, whose source
// then is "archive" whatever they say. One bad file never hides the others.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/pool_index.hpp"
#include "session/context.hpp"
#include "sidecar/run_manifest.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

/// What a store keeps, told apart by the keys of ktstr/abi/store.h.
enum class StoredKind { kRun, kHistory, kSession };
StoredKind kind_of_key(std::string_view key);

struct PoolEntry {
  std::string run, name;  ///< as the store names them; `name` may have one directory in front
  SidecarRecord record;
};

/// What the invocations of one run meant to do together, and whether they came to their end.
/// `manifest.project_commit` is as the sidecars of the run have it, empty without one.
struct PoolManifest {
  std::string run;
  RunManifest manifest;
};

/// A file that could not be used.
struct PoolProblem {
  std::string file;  ///< "run/name"
  Error error;
  bool io = false;  ///< it could not be read, as opposed to not being a sidecar
};

struct PoolQuery {
  std::string archive;                       ///< --dir: a folder of run directories; empty: the project's own
  std::optional<PluginChoice> store;         ///< another one than the configured; nothing: that one
  bool history = false;                      ///< also what later invocations put aside
  bool sessions = false;                     ///< sessions of repeated runs instead of runs
  std::function<bool(const RunEntry&)> run;  ///< which runs; empty: all
  std::vector<std::string> commits;  ///< project commits; empty: any. Runs without them are not even listed
  std::function<bool(const SidecarRecord&)> wanted;  ///< which of these are kept in memory; empty: all
};

struct Pool {
  std::vector<RunEntry> runs;      ///< that were walked, most recently changed first, then by key
  std::vector<PoolEntry> entries;  ///< in the order of `runs`, then by name
  std::vector<PoolManifest>
      manifests;  ///< of those runs of the query's commits that have any, in the order of `runs`
  std::vector<PoolProblem> problems;
  std::uint64_t walked = 0;  ///< sidecar files seen
};

struct PoolRun {
  RunEntry run;
  RunFacts facts;
};

/// The store of the project, or of `archive`.
Result<std::unique_ptr<StorePort>> open_pool_store(const AppContext& context, const std::string& archive);

Result<Pool> read_pool(const AppContext& context, const PoolQuery& query);

/// The runs with what an index knows about them; `wanted` and `commits` do not count.
Result<std::vector<PoolRun>> read_pool_runs(const AppContext& context, const PoolQuery& query,
                                            std::vector<PoolProblem>& problems);

/// Calls `visit` for every sidecar without keeping any; `wanted` does not count. Memory does not grow with
/// the pool.
Result<std::vector<PoolProblem>> visit_pool(
    const AppContext& context, const PoolQuery& query,
    const std::function<void(const RunEntry&, const std::string& name, const SidecarHead&)>& visit);

/// The same with what was measured: memory grows with the largest run only.
Result<std::vector<PoolProblem>> visit_records(
    const AppContext& context, const PoolQuery& query,
    const std::function<Status(const RunEntry&, const std::string& name, const SidecarRecord&)>& visit);

}  // namespace ktstr
