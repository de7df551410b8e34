// SPDX-License-Identifier: Apache-2.0
#include "pool/run_list.hpp"

#include "pool/pool.hpp"

namespace ktstr {

Result<std::vector<RunSummary>> list_runs(const AppContext& context, const std::string& archive,
                                          bool history) {
  PoolQuery query;
  query.archive = archive;
  query.history = history;
  std::vector<PoolProblem> problems;
  const auto runs = read_pool_runs(context, query, problems);
  if (!runs) return runs.error();
  for (const PoolProblem& problem : problems) context.warn("not counted: " + problem.error.message);
  std::vector<RunSummary> summaries;
  for (const PoolRun& run : *runs)
    summaries.push_back({run.run.key, run.facts.tests, run.facts.date, run.facts.arch});
  return summaries;
}

}  // namespace ktstr
