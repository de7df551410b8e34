// SPDX-License-Identifier: Apache-2.0
#include "app/pool.hpp"
#include "app/sides.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

/// Whether a sidecar's kernel is the one that --kernel asks for: a version by its digits, anything else by what it resolves to.
Result<std::string> wanted_version(const AppContext& context, const std::string& flag) {
  if (flag.empty() || looks_like_version(flag)) return flag;
  const auto kernel = context.kernels.find(flag);
  if (!kernel) return kernel.error();
  return kernel->version;
}

}  // namespace

Result<Sides> load_sides(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits) {
  const auto version = wanted_version(context, request.kernel);
  if (!version) return version.error();
  PoolQuery query;
  query.commits = {commits.baseline_label, commits.head_label};
  query.wanted = [&](const SidecarRecord& record) {
    return !record.block && (version->empty() || version_matches(*version, record.kernel));
  };
  auto pool = read_pool(context, query);
  if (!pool) return pool.error();
  Sides sides;
  for (const PoolProblem& problem : pool->problems) sides.notes.push_back("left out: " + problem.error.message);
  for (PoolEntry& entry : pool->entries) {
    (entry.record.project_commit == commits.baseline_label ? sides.baseline : sides.head).push_back(std::move(entry.record));
  }
  return sides;
}

}  // namespace ktstr
