// SPDX-License-Identifier: Apache-2.0
#include "app/run_list.hpp"

#include "app/pool.hpp"

namespace ktstr {

Result<std::vector<RunSummary>> list_runs(const AppContext& context, const std::string& archive) {
  PoolQuery query;
  query.archive = archive;
  const auto pool = read_pool(context, query);
  if (!pool) return pool.error();
  for (const PoolProblem& problem : pool->problems) context.warn("left out: " + problem.error.message);
  std::vector<RunSummary> summaries;
  auto entry = pool->entries.begin();
  for (const RunEntry& run : pool->runs) {
    RunSummary summary{run.key, 0, {}, {}};
    for (; entry != pool->entries.end() && entry->run == run.key; ++entry) {
      const SidecarRecord& record = entry->record;
      ++summary.tests;
      if (!record.timestamp.empty() && (summary.date.empty() || record.timestamp < summary.date)) summary.date = record.timestamp;
      if (summary.arch.empty()) summary.arch = record.arch;
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace ktstr
