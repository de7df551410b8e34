// SPDX-License-Identifier: Apache-2.0
//
// The pool: every sidecar of every run in the store, or in an archive copied from elsewhere. One bad file never hides the others.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "app/context.hpp"
#include "core/sidecar.hpp"

namespace ktstr {

struct PoolEntry {
  std::string run, name;  ///< as the store names them; `name` may have one directory in front
  SidecarRecord record;
};

/// A file that could not be used.
struct PoolProblem {
  std::string file;  ///< "run/name"
  Error error;
  bool io = false;  ///< it could not be read, as opposed to not being a sidecar
};

struct PoolQuery {
  std::string archive;                                ///< --dir: a folder of run directories; empty: the project's own
  std::function<bool(const RunEntry&)> run;           ///< which runs; empty: all
  std::function<bool(const SidecarRecord&)> wanted;   ///< which sidecars are kept in memory; empty: all
};

struct Pool {
  std::vector<RunEntry> runs;          ///< that were walked, most recently changed first, then by key
  std::vector<PoolEntry> entries;      ///< in the order of `runs`, then by name
  std::vector<PoolProblem> problems;
  std::uint64_t walked = 0;            ///< sidecar files seen
};

/// The store of the project, or of `archive`.
Result<std::unique_ptr<StorePort>> open_pool_store(const AppContext& context, const std::string& archive);

Result<Pool> read_pool(const AppContext& context, const PoolQuery& query);

}  // namespace ktstr
