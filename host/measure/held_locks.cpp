// SPDX-License-Identifier: Apache-2.0
#include "measure/held_locks.hpp"

#include <algorithm>
#include <filesystem>
#include <ktstr/kit/lock.hpp>
#include <set>
#include <tuple>

#include "config/runs_place.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 4;
constexpr std::string_view kLock = ".lock";
/// What guests and checkouts of ours are called where everybody's files are.
constexpr std::string_view kOurs = "ktstr-";
constexpr const char* kCpus = "cpus";

/// Locks below a directory; `prefix` begins their names. What cannot be read holds nothing back.
void look(const fs::path& directory, std::string_view prefix, int deepest, const std::string& what,
          std::vector<HeldLock>& found) {
  std::error_code error;
  fs::recursive_directory_iterator at(directory, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && at != end; at.increment(error)) {
    if (at.depth() >= deepest) at.disable_recursion_pending();
    const std::string name = at->path().filename().string();
    // A directory of checkouts is its own lock.
    const bool is_lock = name.ends_with(kLock) || (!prefix.empty() && at->is_directory(error));
    if (!is_lock || !name.starts_with(prefix)) continue;
    std::string holders = kit::lock_holders(at->path());
    // Guests' places on the host's CPUs are told apart (cpus/cpu0.lock).
    const bool of_cpus = at->path().parent_path().filename() == kCpus;
    if (!holders.empty())
      found.push_back({of_cpus ? std::string(kCpus) : what, at->path().string(), std::move(holders)});
  }
}

}  // namespace

std::vector<HeldLock> held_locks(const AppContext& context) {
  std::vector<HeldLock> found;
  look(runs_root(context.config, context.environment) / ".locks", "", 0, "run", found);
  look(context.config.cache_dir, "", kDeepest, "cache", found);
  for (const std::string& place : std::set<std::string>{context.environment.tmpdir, "/dev/shm"})
    look(place, kOurs, 0, "scratch", found);
  std::sort(found.begin(), found.end(), [](const HeldLock& a, const HeldLock& b) {
    return std::tie(a.what, a.path) < std::tie(b.what, b.path);
  });
  return found;
}

}  // namespace ktstr
