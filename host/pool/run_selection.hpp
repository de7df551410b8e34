// SPDX-License-Identifier: Apache-2.0
//
// From what a person types (--run ID, --dir DIR) to the sidecars of one run. Every command resolves runs
// here.
#pragma once
#include <string>
#include <vector>

#include "pool/pool.hpp"
#include "sidecar/run_document.hpp"

namespace ktstr {

/// "KEY" or "KEY/FOLDER": a run, an entry of the history or a session, or one folder of it.
struct RunId {
  std::string run, folder;
};

/// Refuses what could leave the root: absolute paths, empty, "." and ".." components, control characters.
Result<RunId> parse_run_id(const std::string& text);

struct SelectedRun {
  std::string run;                     ///< as it was asked for
  std::vector<RunDocument> documents;  ///< by name
  std::vector<PoolProblem> problems;
  std::uint64_t walked = 0;
};

/// The sidecars of one run of the project's store or of `archive`. An unknown run is an error with a
/// suggestion.
Result<SelectedRun> read_run(const AppContext& context, const std::string& archive, const std::string& id);

/// Those of the most recently changed run that has any; of KTSTR_SIDECAR_DIR when that is set and no archive
/// is named. Without a run `documents` and `run` are empty.
Result<SelectedRun> read_latest_run(const AppContext& context, const std::string& archive);

}  // namespace ktstr
