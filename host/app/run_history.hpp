// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/context.hpp"

namespace ktstr {

/// Which entries of the history go: those that no condition protects.
struct PruneRequest {
  std::optional<std::uint64_t> keep;             ///< the newest N of each run key stay
  std::optional<std::uint64_t> older_than_days;  ///< younger ones stay
  bool dry_run = false;
  std::string archive;
};

struct PrunedEntry {
  std::string key;  ///< ".history/{run key}/{id}"
  std::int64_t mtime_ns = 0;
};

/// Removes them, oldest last; with `dry_run` only says which. Stops at the first that cannot be removed.
Result<std::vector<PrunedEntry>> prune_history(const AppContext& context, const PruneRequest& request);

/// The run key inside the key of a history entry.
std::string run_of_history_key(const std::string& key);

}  // namespace ktstr
