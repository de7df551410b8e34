// SPDX-License-Identifier: Apache-2.0
#include "pool/pool.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "pool/pool_reader.hpp"
#include "support/wait.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

/// Tells pools apart whose index lies in the cache.
std::string pool_name(const AppContext& context, const PoolQuery& query) {
  const std::string place =
      query.archive.empty() ? creation_of(context, "{}").runs_root
                            : (fs::path(context.environment.cwd) / query.archive).lexically_normal().string();
  const PluginChoice& store = query.store ? *query.store : context.config.store;
  return store.use + store.options_json + place;
}

/// Opens the pool, reads the runs that the query asks for, and hands them on in order.
Status read_runs(const AppContext& context, const PoolQuery& query, const RunWish& wish,
                 const std::function<void(const RunEntry&, RunReading)>& consume) {
  auto store = open_store(context, {false, query.archive, true, query.store ? &*query.store : nullptr});
  if (!store) return store.error();
  auto runs = query.sessions ? (*store)->list_sessions() : (*store)->list_runs();
  if (!runs) return runs.error();
  std::stable_sort(runs->begin(), runs->end(), [](const RunEntry& a, const RunEntry& b) {
    return a.mtime_ns != b.mtime_ns ? a.mtime_ns > b.mtime_ns : a.key < b.key;
  });
  std::set<StoredKind> kinds = {query.sessions ? StoredKind::kSession : StoredKind::kRun};
  if (query.history) {
    kinds.insert(StoredKind::kHistory);
    auto history = (*store)->list_history();
    if (!history) return history.error();
    std::move(history->begin(), history->end(), std::back_inserter(*runs));
  }
  if (runs->empty()) return Ok{};
  // Beside the project's own runs; other people's archives get no file of ours.
  PoolIndex index(index_places((*store)->files_root(), context.config.cache_dir, pool_name(context, query)));
  PoolReader reader(context, **store, index);
  reader.forget_all_but(*runs, kinds);
  if (query.run) std::erase_if(*runs, [&](const RunEntry& run) { return !query.run(run); });
  const Wait wait(context.err_is_terminal, context.width, context.config.cache_dir,
                  "reading " + counted(runs->size(), "stored run", "stored runs"), "");
  return reader.walk(*runs, wish, consume);
}

constexpr const char* kArchiveSource = "archive";

void append(std::vector<PoolProblem>& all, std::vector<PoolProblem> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

}  // namespace

StoredKind kind_of_key(std::string_view key) {
  return key.starts_with(".history/")    ? StoredKind::kHistory
         : key.starts_with(".sessions/") ? StoredKind::kSession
                                         : StoredKind::kRun;
}

Result<std::unique_ptr<StorePort>> open_pool_store(const AppContext& context, const std::string& archive) {
  return open_store(context, {false, archive, false});
}

Result<Pool> read_pool(const AppContext& context, const PoolQuery& query) {
  Pool pool;
  const Status read = read_runs(
      context, query, {RunWish::Depth::kRecords, query.commits},
      [&](const RunEntry& run, RunReading reading) {
        pool.walked += reading.files.empty() ? reading.facts.tests : reading.files.size();
        append(pool.problems, std::move(reading.problems));
        for (auto& [position, record] : reading.records) {
          KTSTR_ASSERT(position < reading.files.size());
          if (!query.archive.empty()) record.run_source = kArchiveSource;
          if (!query.wanted || query.wanted(record))
            pool.entries.push_back({run.key, reading.files[position].entry.name, std::move(record)});
        }
        std::move(reading.manifests.begin(), reading.manifests.end(), std::back_inserter(pool.manifests));
        pool.runs.push_back(run);
      });
  if (!read) return read.error();
  return pool;
}

Result<std::vector<PoolRun>> read_pool_runs(const AppContext& context, const PoolQuery& query,
                                            std::vector<PoolProblem>& problems) {
  std::vector<PoolRun> runs;
  const Status read =
      read_runs(context, query, {RunWish::Depth::kFacts, {}}, [&](const RunEntry& run, RunReading reading) {
        append(problems, std::move(reading.problems));
        runs.push_back({run, std::move(reading.facts)});
      });
  if (!read) return read.error();
  return runs;
}

Result<std::vector<PoolProblem>> visit_records(
    const AppContext& context, const PoolQuery& query,
    const std::function<Status(const RunEntry&, const std::string&, const SidecarRecord&)>& visit) {
  std::vector<PoolProblem> problems;
  Status visited = Ok{};
  const Status read = read_runs(context, query, {RunWish::Depth::kRecords, query.commits},
                                [&](const RunEntry& run, RunReading reading) {
                                  append(problems, std::move(reading.problems));
                                  for (auto& [position, record] : reading.records) {
                                    if (!visited) return;
                                    if (!query.archive.empty()) record.run_source = kArchiveSource;
                                    if (!query.wanted || query.wanted(record))
                                      visited = visit(run, reading.files[position].entry.name, record);
                                  }
                                });
  if (!read) return read.error();
  if (!visited) return visited.error();
  return problems;
}

Result<std::vector<PoolProblem>> visit_pool(
    const AppContext& context, const PoolQuery& query,
    const std::function<void(const RunEntry&, const std::string&, const SidecarHead&)>& visit) {
  std::vector<PoolProblem> problems;
  const Status read = read_runs(
      context, query, {RunWish::Depth::kHeads, query.commits}, [&](const RunEntry& run, RunReading reading) {
        append(problems, std::move(reading.problems));
        for (IndexedFile& file : reading.files) {
          if (!query.archive.empty()) file.head.run_source = kArchiveSource;
          const bool asked =
              query.commits.empty() || std::find(query.commits.begin(), query.commits.end(),
                                                 file.head.project_commit) != query.commits.end();
          if (file.problem.empty() && asked) visit(run, file.entry.name, file.head);
        }
      });
  if (!read) return read.error();
  return problems;
}

}  // namespace ktstr
