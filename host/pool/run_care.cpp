// SPDX-License-Identifier: Apache-2.0
#include "pool/run_care.hpp"

#include <algorithm>
#include <chrono>
#include <ktstr/kit/text.hpp>
#include <map>

#include "pool/pool.hpp"
#include "pool/store_reads.hpp"
#include "report/report_store.hpp"

namespace ktstr {
namespace {

CareKind care_of(const std::string& key) {
  switch (kind_of_key(key)) {
    case StoredKind::kHistory: return CareKind::kHistory;
    case StoredKind::kSession: return CareKind::kSession;
    case StoredKind::kRun: break;
  }
  return CareKind::kRun;
}

Result<std::vector<RunEntry>> all_entries(StorePort& store) {
  auto all = store.list_runs();
  if (!all) return all.error();
  for (auto list : {&StorePort::list_history, &StorePort::list_sessions}) {
    auto more = (store.*list)();
    if (!more) return more.error();
    std::move(more->begin(), more->end(), std::back_inserter(*all));
  }
  return all;
}

Error unknown(const std::string& key, const std::vector<RunEntry>& all) {
  std::vector<std::string> names;
  for (const RunEntry& entry : all) names.push_back(entry.key);
  return usage_error("there is no \"" + printable(key) + "\"" + suggestion(key, names),
                     names.empty() ? "there are no runs at all" : "see ktstr runs list");
}

/// As people type it: with the slash that shells add.
std::string typed(std::string key) {
  while (key.size() > 1 && key.ends_with('/')) key.pop_back();
  return key;
}

}  // namespace

std::optional<RunManifest> manifest_of_run(StorePort& store, const std::string& key,
                                           std::vector<Error>& problems) {
  auto files = store.list_artifacts(key);
  if (!files) return std::nullopt;
  // Invocations may have started within one second: what was written last comes first.
  std::stable_sort(files->begin(), files->end(),
                   [](const SidecarEntry& a, const SidecarEntry& b) { return a.mtime_ns > b.mtime_ns; });
  std::vector<RunManifest> manifests;
  for (const SidecarEntry& file : *files) {
    if (!is_run_manifest_name(file.name)) continue;
    const auto text = store.read(key, file.name, kMaxRunManifest, file.bytes);
    auto manifest = text ? parse_run_manifest(*text, printable(key + "/" + file.name))
                         : Result<RunManifest>(text.error());
    if (manifest)
      manifests.push_back(std::move(*manifest));
    else
      problems.push_back(manifest.error());
  }
  if (manifests.empty()) return std::nullopt;
  return merge_run_manifests(std::move(manifests));
}

const char* care_name(CareKind kind) {
  switch (kind) {
    case CareKind::kRun: return "run";
    case CareKind::kHistory: return "history";
    case CareKind::kSession: return "session";
    case CareKind::kLock: return "lock";
  }
  return "run";
}

std::string run_of_history_key(const std::string& key) {
  const std::size_t begin = key.find('/'), end = key.rfind('/');
  return begin == std::string::npos || begin == end ? key : key.substr(begin + 1, end - begin - 1);
}

Result<std::vector<KeptEntry>> list_kept(const AppContext& context, const std::string& archive) {
  auto store = open_pool_store(context, archive);
  if (!store) return store.error();
  std::vector<KeptEntry> kept;
  std::vector<PoolProblem> problems;
  PoolQuery query;
  query.archive = archive;
  query.history = true;
  for (const bool sessions : {false, true}) {
    query.sessions = sessions;
    query.history = !sessions;
    const auto runs = read_pool_runs(context, query, problems);
    if (!runs) return runs.error();
    for (const PoolRun& run : *runs)
      kept.push_back(
          {care_of(run.run.key), run.run.key, run.run.location, run.run.mtime_ns, run.facts.tests, false});
  }
  for (const PoolProblem& problem : problems) context.warn("not counted: " + problem.error.message);
  using Told = std::pair<std::optional<RunManifest>, std::vector<Error>>;
  parallel_in_order(
      kept.size(), reading_threads(**store),
      [&](std::size_t i) {
        Told told;
        told.first = manifest_of_run(**store, kept[i].key, told.second);
        return told;
      },
      [&](std::size_t i, const Told& told) {
        for (const Error& error : told.second) context.warn("left out: " + error.message);
        kept[i].unfinished = told.first && !told.first->complete();
        return true;
      });
  return kept;
}

Result<KeptDetail> show_kept(const AppContext& context, const std::string& archive, const std::string& key) {
  auto store = open_pool_store(context, archive);
  if (!store) return store.error();
  const auto all = all_entries(**store);
  if (!all) return all.error();
  const auto found =
      std::find_if(all->begin(), all->end(), [&](const RunEntry& entry) { return entry.key == typed(key); });
  if (found == all->end()) return unknown(typed(key), *all);
  KeptDetail detail;
  detail.entry = {care_of(found->key), found->key, found->location, found->mtime_ns, 0, false};
  const auto sidecars = (*store)->list_sidecars(found->key);
  if (!sidecars) return sidecars.error();
  detail.entry.tests = sidecars->size();
  for (const SidecarEntry& file : *sidecars) detail.files.push_back(file.name);
  if (const auto artifacts = (*store)->list_artifacts(found->key)) {
    for (const SidecarEntry& file : *artifacts) detail.files.push_back(file.name);
  }
  std::vector<Error> damaged;
  detail.manifest = manifest_of_run(**store, found->key, damaged);
  for (const Error& error : damaged) context.warn("left out: " + error.message);
  detail.entry.unfinished = detail.manifest && !detail.manifest->complete();
  if (detail.entry.kind == CareKind::kSession) {
    auto report = report_of(**store, found->key);
    if (report)
      detail.report = std::move(*report);
    else
      context.warn("left out: " + report.error().message);
  }
  return detail;
}

Status remove_kept(const AppContext& context, const std::string& archive,
                   const std::vector<std::string>& keys) {
  auto store = open_pool_store(context, archive);
  if (!store) return store.error();
  const auto all = all_entries(**store);
  if (!all) return all.error();
  for (const std::string& key : keys) {
    if (std::none_of(all->begin(), all->end(),
                     [&](const RunEntry& entry) { return entry.key == typed(key); }))
      return unknown(typed(key), *all);
  }
  for (const std::string& key : keys) {
    if (const Status removed = (*store)->remove(typed(key)); !removed) return removed;
  }
  return Ok{};
}

Result<PruneOutcome> prune_kept(const AppContext& context, const PruneRequest& request) {
  const bool only_locks = request.kinds == std::set<CareKind>{CareKind::kLock};
  if (!request.keep && !request.older_than_days && !only_locks) {
    return usage_error("runs prune: say what may go: --keep N, --older-than DAYS, or both",
                       "ktstr runs prune --keep 20 --dry-run");
  }
  auto store = open_pool_store(context, request.archive);
  if (!store) return store.error();
  PruneOutcome outcome;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  for (const auto& [kind, list] : {std::pair{CareKind::kHistory, &StorePort::list_history},
                                   {CareKind::kSession, &StorePort::list_sessions}}) {
    if (!request.kinds.contains(kind)) continue;
    const auto entries = ((**store).*list)();
    if (!entries) return entries.error();
    std::map<std::string, std::uint64_t> seen;
    for (const RunEntry& entry : *entries) {
      const std::string group = kind == CareKind::kHistory ? run_of_history_key(entry.key) : std::string();
      const bool among_newest = request.keep && seen[group]++ < *request.keep;
      const std::int64_t age_days = (now - entry.mtime_ns / 1'000'000'000) / 86'400;
      const bool young =
          request.older_than_days && age_days < static_cast<std::int64_t>(*request.older_than_days);
      if (among_newest || young) continue;
      if (const Status removed = request.dry_run ? Status(Ok{}) : (*store)->remove(entry.key); !removed)
        outcome.refused.push_back(removed.error());
      else
        outcome.gone.push_back({kind, entry.key, entry.location, entry.mtime_ns, 0, false});
    }
  }
  if (!request.kinds.contains(CareKind::kLock)) return outcome;
  const auto tidied = (*store)->tidy(request.dry_run);
  if (!tidied) return tidied.error();
  for (const RunEntry& entry : *tidied)
    outcome.gone.push_back({CareKind::kLock, entry.key, entry.location, 0, 0, false});
  return outcome;
}

}  // namespace ktstr
