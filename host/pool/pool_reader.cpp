// SPDX-License-Identifier: Apache-2.0
#include "pool/pool_reader.hpp"

#include <algorithm>
#include <chrono>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "pool/store_reads.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kRunsAtOnce = 32;
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
         : record.passed       ? (record.flaky ? "flaky" : "passed")
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

PoolReader::Look PoolReader::look_at(const RunEntry& run, const RunWish& wish, bool look_at_files) {
  Look look;
  RunReading& reading = look.reading;
  const IndexedRun* old_run = known(run);
  const bool same_directory = old_run != nullptr && run.stamp != 0 && old_run->stamp == run.stamp;
  const bool enough = same_directory && are_enough(old_run->facts, wish);
  if (enough && !look_at_files) {
    reading.facts = old_run->facts;
    return look;
  }

  auto listed = store_.list_sidecars(run.key);
  if (!listed) {
    reading.problems.push_back({run.key, listed.error(), true});
    return look;
  }
  std::sort(listed->begin(), listed->end(),
            [](const SidecarEntry& a, const SidecarEntry& b) { return a.name < b.name; });
  ListingSum sum;
  for (const SidecarEntry& entry : *listed) sum.add(entry);
  reading.to_keep = !same_directory || old_run->listing != sum.value();
  if (enough && !reading.to_keep) {
    reading.facts = old_run->facts;
    return look;
  }
  take_known(run, wish, std::move(*listed), look);
  return look;
}

/// What the index has of the files of a run, and which of them have to be read.
void PoolReader::take_known(const RunEntry& run, const RunWish& wish, std::vector<SidecarEntry> listed,
                            Look& look) {
  RunReading& reading = look.reading;
  look.listed = true;
  std::vector<IndexedFile> before;
  if (known(run) != nullptr) {
    const kit::Lock lock(mutex_);
    before = index_.files(run.key);
  }
  KTSTR_ASSERT(std::is_sorted(listed.begin(), listed.end(),
                              [](const SidecarEntry& a, const SidecarEntry& b) { return a.name < b.name; }));
  for (SidecarEntry& entry : listed) {
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
    const bool record = wish.depth == RunWish::Depth::kRecords && file.problem.empty() &&
                        (!reuse || matches(wish.commits, file.head.project_commit));
    if (file.entry.bytes > kMaxSidecar) {
      file.problem = too_large(run.key + "/" + file.entry.name, kMaxSidecar).message;
    } else if (!reuse || record) {
      look.to_read.push_back({reading.files.size(), reuse});
    }
    reading.files.push_back(std::move(file));
  }
  KTSTR_ASSERT(reading.files.size() == listed.size() && look.to_read.size() <= listed.size());
}

/// What a file's text says. `file` is known by its listing, and `head_known`: by its head too.
PoolReader::FileReading PoolReader::read_file(const RunEntry& run, const RunWish& wish,
                                              const IndexedFile& file, bool head_known,
                                              Result<std::string> text) const {
  const auto where = [&] { return shown(run, file.entry.name); };
  FileReading read;
  if (!text) {
    read.problem = text.error().message;
    read.io = true;
    return read;
  }
  if (head_known) {
    read.head = file.head;
  } else {
    thread_local SidecarHeadReader reader;
    auto head = reader.read(*text, where);
    if (!head) {
      read.problem = head.error().message;
      return read;
    }
    read.head = std::move(*head);
  }
  if (wish.depth != RunWish::Depth::kRecords || !matches(wish.commits, read.head.project_commit)) return read;
  auto record = read_sidecar(*text, where(), context_.config.metrics);
  if (!record)
    read.problem = record.error().message;
  else if (matches(wish.commits, record->project_commit))
    read.record = std::move(*record);
  return read;
}

/// Files of all runs at once, so that neither one large run nor many small ones leave a thread without work.
void PoolReader::read_files(std::span<const RunEntry> runs, const RunWish& wish, std::vector<Look>& looks) {
  struct Place {
    std::size_t run, position;
    bool head_known;
  };
  std::vector<WantedFile> files;
  std::vector<Place> places;
  for (std::size_t i = 0; i < looks.size(); ++i) {
    for (const auto& [position, head_known] : looks[i].to_read) {
      KTSTR_ASSERT(i < runs.size() && position < looks[i].reading.files.size());
      const SidecarEntry& entry = looks[i].reading.files[position].entry;
      files.push_back({&runs[i].key, {entry.name, entry.bytes + SidecarHeadReader::kRoom}});
      places.push_back({i, position, head_known});
    }
  }
  KTSTR_ASSERT(files.size() == places.size());
  read_all(
      store_, files, kMaxSidecar,
      [&](std::size_t i, Result<std::string> text) {
        const auto& [run, position, head_known] = places[i];
        if (context_.cancelled) return FileReading{};
        return read_file(runs[run], wish, looks[run].reading.files[position], head_known, std::move(text));
      },
      [&](std::size_t i, FileReading read) {
        RunReading& reading = looks[places[i].run].reading;
        IndexedFile& file = reading.files[places[i].position];
        file.head = std::move(read.head);
        file.problem = std::move(read.problem);
        if (read.io) {
          file.entry.stamp = 0;  // not to be remembered
          looks[places[i].run].unread.insert(places[i].position);
        }
        if (read.record) reading.records.emplace(places[i].position, std::move(*read.record));
        return !context_.cancelled;
      });
}

/// What follows from all files of a run.
void PoolReader::finish(const RunEntry& run, const RunWish& wish, Look& look) {
  RunReading& reading = look.reading;
  if (look.listed) {
    for (std::size_t i = 0; i < reading.files.size(); ++i) {
      const IndexedFile& file = reading.files[i];
      if (!file.problem.empty())
        reading.problems.push_back(
            {run.key + "/" + file.entry.name, plugin_error(file.problem), look.unread.contains(i)});
    }
    reading.facts = facts_of(reading.files);
    KTSTR_ASSERT(reading.records.size() <= reading.files.size());
    reading.to_keep = reading.to_keep && is_settled(run, reading);
  }
  if (wish.depth == RunWish::Depth::kRecords) read_manifests(run, wish, reading);
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

/// Whether the index answers nearly everything, which is not worth a thread. A store that waits is.
bool PoolReader::is_little(const std::vector<RunEntry>& runs, const RunWish& wish) const {
  if (wish.depth != RunWish::Depth::kFacts || store_.max_concurrency() > 0) return false;
  std::uint64_t files = 0;
  return std::all_of(runs.begin(), runs.end(), [&](const RunEntry& run) {
    const IndexedRun* old_run = known(run);
    return old_run != nullptr && old_run->stamp == run.stamp && (files += old_run->facts.tests) < kFewFiles;
  });
}

/// A few runs at a time, so that memory does not grow with the pool: all of them are listed, then all their
/// files read, then what is left of each.
Status PoolReader::walk(const std::vector<RunEntry>& runs, const RunWish& wish,
                        const std::function<void(const RunEntry&, RunReading)>& consume) {
  started_ns_ = std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count();
  const std::size_t looked_at = first_not_looked_at(runs);
  const unsigned threads = is_little(runs, wish) ? 1 : reading_threads(store_);
  const std::size_t at_once = std::max<std::size_t>(kRunsAtOnce, threads);
  for (std::size_t begin = 0; begin < runs.size() && !context_.cancelled; begin += at_once) {
    const std::span<const RunEntry> some(runs.data() + begin, std::min(at_once, runs.size() - begin));
    std::vector<Look> looks(some.size());
    const auto go_on = [this](std::size_t, bool) { return !context_.cancelled; };
    parallel_in_order(
        some.size(), threads,
        [&](std::size_t i) { return looks[i] = look_at(some[i], wish, begin + i < looked_at), true; }, go_on);
    if (!context_.cancelled) read_files(some, wish, looks);
    const unsigned finishing = wish.depth == RunWish::Depth::kRecords ? threads : 1;  // else it reads nothing
    if (!context_.cancelled)
      parallel_in_order(
          some.size(), finishing, [&](std::size_t i) { return finish(some[i], wish, looks[i]), true; },
          go_on);
    for (std::size_t i = 0; i < some.size() && !context_.cancelled; ++i) {
      RunReading& reading = looks[i].reading;
      if (reading.to_keep) {
        const kit::Lock lock(mutex_);
        index_.put(some[i].key, some[i].stamp, reading.files);
      }
      consume(some[i], std::move(reading));
    }
  }
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
