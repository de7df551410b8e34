// SPDX-License-Identifier: Apache-2.0
#include "app/run_history.hpp"

#include <chrono>
#include <map>

#include "app/pool.hpp"

namespace ktstr {

std::string run_of_history_key(const std::string& key) {
  const std::size_t begin = key.find('/'), end = key.rfind('/');
  return begin == std::string::npos || begin == end ? key : key.substr(begin + 1, end - begin - 1);
}

Result<std::vector<PrunedEntry>> prune_history(const AppContext& context, const PruneRequest& request) {
  if (!request.keep && !request.older_than_days) {
    return usage_error("runs prune: say what may go: --keep N, --older-than DAYS, or both", "ktstr runs prune --keep 20 --dry-run");
  }
  auto store = open_pool_store(context, request.archive);
  if (!store) return store.error();
  const auto entries = (*store)->list_history();
  if (!entries) return entries.error();
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::map<std::string, std::uint64_t> seen;
  std::vector<PrunedEntry> gone;
  for (const RunEntry& entry : *entries) {
    const bool among_newest = request.keep && seen[run_of_history_key(entry.key)]++ < *request.keep;
    const std::int64_t age_days = (now - entry.mtime_ns / 1'000'000'000) / 86'400;
    const bool young = request.older_than_days && age_days < static_cast<std::int64_t>(*request.older_than_days);
    if (among_newest || young) continue;
    if (!request.dry_run) {
      if (const Status removed = (*store)->remove_history(entry.key); !removed) return removed.error();
    }
    gone.push_back({entry.key, entry.mtime_ns});
  }
  return gone;
}

}  // namespace ktstr
