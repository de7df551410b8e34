// SPDX-License-Identifier: Apache-2.0
#include "pool/pool_reader.hpp"

#include <algorithm>
#include <chrono>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "support/ordered_parallel.hpp"

namespace ktstr {
namespace {

constexpr unsigned kMaxThreads = 8;
constexpr std::uint64_t kFilesLookedAt = 10'000;    // at about 1 us each on two CPUs; docs/runs.md tells
constexpr std::uint64_t kFewFiles = 500;            // not worth a thread
constexpr std::int64_t kClockTick = 1'000'000'000;  // file times: 10 ms on Linux, 1 s on some file systems

bool same(const SidecarEntry& a, const SidecarEntry& b) {
  return a.stamp != 0 && a.stamp == b.stamp && a.bytes == b.bytes && a.mtime_ns == b.mtime_ns;
}

bool matches(const std::vector<std::string>& commits, const std::string& commit) {
  return commits.empty() || std::find(commits.begin(), commits.end(), commit) != commits.end();
}

std::string shown(const RunEntry& run, const std::string& name) { return printable(run.key + "/" + name); }

const char* outcome_of(const SidecarRecord& record) {
  return record.skipped        ? "skipped"
         : record.passed       ? "passed"
         : record.inconclusive ? "inconclusive"
                               : "failed";
}

/// A killed run had no chance to say how its tests ended, but those that did have left a sidecar.
void take_outcomes(const RunReading& reading, RunManifest& manifest) {
  for (PlannedTest& test : manifest.tests) {
    if (!test.selected || !test.outcome.empty()) continue;
    for (const auto& [position, record] : reading.records) {
      const bool same = record.test == test.test && record.topology == test.topology &&
                        record.scheduler == test.scheduler &&
                        record.project_commit == manifest.project_commit;
      if (same && record.timestamp >= manifest.started) test.outcome = outcome_of(record);
    }
  }
}

}  // namespace

std::optional<std::string> PoolReader::text_of(const RunEntry& run, IndexedFile& file, bool& io) {
  if (file.entry.bytes > kMaxSidecar) {
    file.problem =
        shown(run, file.entry.name) + " is larger than " + std::to_string(kMaxSidecar >> 20) + " MiB";
    return std::nullopt;
  }
  auto text = store_.read(run.key, file.entry.name, kMaxSidecar, file.entry.bytes + SidecarHeadReader::kRoom);
  if (text) return std::move(*text);
  file.problem = text.error().message;
  io = true;
  return std::nullopt;
}

const IndexedRun* PoolReader::known(const RunEntry& run) const {
  const auto found = known_.find(run.key);
  return found == known_.end() ? nullptr : &found->second;
}

bool PoolReader::are_enough(const RunFacts& facts, const RunWish& wish) {
  if (facts.problems != 0) return false;  // they are to be told
  if (wish.depth == RunWish::Depth::kFacts) return true;
  return !wish.commits.empty() &&
         std::none_of(facts.commits.begin(), facts.commits.end(),
                      [&](const std::string& commit) { return matches(wish.commits, commit); });
}

RunReading PoolReader::read_run(const RunEntry& run, const RunWish& wish, bool look_at_files) {
  RunReading reading = read_sidecars(run, wish, look_at_files);
  if (wish.depth == RunWish::Depth::kRecords) read_manifests(run, wish, reading);
  return reading;
}

/// A run whose tests left no sidecar is known to be of a commit by its key. Invocations are told apart by the
/// commit that they recorded, because an archive may have several in one folder.
void PoolReader::read_manifests(const RunEntry& run, const RunWish& wish, RunReading& reading) {
  const bool by_key = wish.commits.empty() ||
                      std::any_of(wish.commits.begin(), wish.commits.end(),
                                  [&](const std::string& commit) { return run.key.ends_with("-" + commit); });
  if (!by_key && reading.records.empty()) return;
  auto files = store_.list_artifacts(run.key);
  if (!files) return;  // gone since; list_sidecars has told
  std::map<std::string, std::vector<RunManifest>> by_commit;
  for (const SidecarEntry& file : *files) {
    if (!is_run_manifest_name(file.name) || context_.cancelled) continue;
    const auto text = store_.read(run.key, file.name, kMaxRunManifest, file.bytes);
    auto manifest =
        text ? parse_run_manifest(*text, shown(run, file.name)) : Result<RunManifest>(text.error());
    if (!manifest)
      reading.problems.push_back({run.key + "/" + file.name, manifest.error(), !text});
    else if (matches(wish.commits, manifest->project_commit))
      by_commit[manifest->project_commit].push_back(std::move(*manifest));
  }
  for (auto& [commit, manifests] : by_commit) {
    RunManifest merged = merge_run_manifests(std::move(manifests));
    if (!merged.complete()) take_outcomes(reading, merged);
    reading.manifests.push_back({run.key, std::move(merged)});
  }
}

RunReading PoolReader::read_sidecars(const RunEntry& run, const RunWish& wish, bool look_at_files) {
  RunReading reading;
  const IndexedRun* old_run = known(run);
  const bool same_directory = old_run != nullptr && run.stamp != 0 && old_run->stamp == run.stamp;
  const bool enough = same_directory && are_enough(old_run->facts, wish);
  if (enough && !look_at_files) {
    reading.facts = old_run->facts;
    return reading;
  }

  auto listed = store_.list_sidecars(run.key);
  if (!listed) {
    reading.problems.push_back({run.key, listed.error(), true});
    return reading;
  }
  std::sort(listed->begin(), listed->end(),
            [](const SidecarEntry& a, const SidecarEntry& b) { return a.name < b.name; });
  ListingSum sum;
  for (const SidecarEntry& entry : *listed) sum.add(entry);
  reading.to_keep = !same_directory || old_run->listing != sum.value();
  if (enough && !reading.to_keep) {
    reading.facts = old_run->facts;
    return reading;
  }

  std::vector<IndexedFile> before;
  if (old_run != nullptr) {
    const kit::Lock lock(mutex_);
    before = index_.files(run.key);
  }
  for (SidecarEntry& entry : *listed) {
    if (context_.cancelled) return reading;
    const auto old =
        std::lower_bound(before.begin(), before.end(), entry.name,
                         [](const IndexedFile& f, const std::string& name) { return f.entry.name < name; });
    const bool reuse = old != before.end() && old->entry.name == entry.name && same(old->entry, entry);
    reading.to_keep = reading.to_keep || !reuse;
    IndexedFile file{std::move(entry), {}, {}};
    if (reuse) {
      file.head = std::move(old->head);
      file.problem = std::move(old->problem);
    }
    read_file(run, wish, std::move(file), reuse, reading);
  }
  reading.facts = facts_of(reading.files);
  KTSTR_ASSERT(reading.files.size() == listed->size());
  KTSTR_ASSERT(reading.records.size() <= reading.files.size());
  reading.to_keep = reading.to_keep && is_settled(run, reading);
  return reading;
}

/// `known`: the file's head is the index's, and only its record may be missing.
void PoolReader::read_file(const RunEntry& run, const RunWish& wish, IndexedFile file, bool known,
                           RunReading& reading) {
  const auto where = [&] { return shown(run, file.entry.name); };
  std::optional<std::string> text;
  bool io = false;
  if (!known && (text = text_of(run, file, io))) {
    thread_local SidecarHeadReader reader;
    auto head = reader.read(*text, where);
    if (head)
      file.head = std::move(*head);
    else
      file.problem = head.error().message;
  }
  if (wish.depth == RunWish::Depth::kRecords && file.problem.empty() &&
      matches(wish.commits, file.head.project_commit)) {
    if (!text) text = text_of(run, file, io);
    if (text) {
      auto record = read_sidecar(*text, where(), context_.config.metrics);
      if (!record)
        file.problem = record.error().message;
      else if (matches(wish.commits, record->project_commit))
        reading.records.emplace(reading.files.size(), std::move(*record));
    }
  }
  if (!file.problem.empty())
    reading.problems.push_back({run.key + "/" + file.entry.name, plugin_error(file.problem), io});
  if (io) file.entry.stamp = 0;  // not to be remembered
  KTSTR_ASSERT(reading.files.empty() || reading.files.back().entry.name <= file.entry.name);
  reading.files.push_back(std::move(file));
}

std::size_t PoolReader::first_not_looked_at(const std::vector<RunEntry>& runs) const {
  std::uint64_t files = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const IndexedRun* old_run = known(runs[i]);
    if (old_run != nullptr && (files += old_run->facts.tests) > kFilesLookedAt) return i;
  }
  return runs.size();
}

/// A file that changed within the last tick of the clock may change again without another time to tell by.
bool PoolReader::is_settled(const RunEntry& run, const RunReading& reading) const {
  const std::int64_t latest = started_ns_ - kClockTick;
  return run.stamp != 0 && run.mtime_ns < latest &&
         std::all_of(reading.files.begin(), reading.files.end(),
                     [&](const IndexedFile& f) { return f.entry.stamp != 0 && f.entry.mtime_ns < latest; });
}

Status PoolReader::walk(const std::vector<RunEntry>& runs, const RunWish& wish,
                        const std::function<void(const RunEntry&, RunReading)>& consume) {
  started_ns_ = std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count();
  const std::size_t looked_at = first_not_looked_at(runs);
  std::uint64_t files = 0;
  bool little = wish.depth == RunWish::Depth::kFacts;
  for (const RunEntry& run : runs) {
    const IndexedRun* old_run = known(run);
    little = little && old_run != nullptr && old_run->stamp == run.stamp &&
             (files += old_run->facts.tests) < kFewFiles;
  }
  const unsigned threads = little ? 1 : std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  parallel_in_order(
      runs.size(), threads, [&](std::size_t i) { return read_run(runs[i], wish, i < looked_at); },
      [&](std::size_t i, RunReading reading) {
        if (context_.cancelled) return false;
        if (reading.to_keep) {
          const kit::Lock lock(mutex_);
          index_.put(runs[i].key, runs[i].stamp, reading.files);
        }
        consume(runs[i], std::move(reading));
        return true;
      });
  if (context_.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
  const kit::Lock lock(mutex_);
  index_.save();
  return Ok{};
}

void PoolReader::forget_all_but(const std::vector<RunEntry>& runs, const std::set<StoredKind>& kinds) {
  std::set<std::string_view> existing;
  for (const RunEntry& run : runs) existing.insert(run.key);
  const kit::Lock lock(mutex_);
  for (const auto& [key, run] : known_) {
    if (!existing.contains(key) && kinds.contains(kind_of_key(key))) index_.forget(key);
  }
}

}  // namespace ktstr
