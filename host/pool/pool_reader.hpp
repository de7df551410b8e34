// SPDX-License-Identifier: Apache-2.0
//
// Reads runs of a store, as many calls at once as it allows, and only those files that the index does not
// know as they are now.
//
// An answer from the index is given only after a look at the files: same names, sizes, times and stamps. In a
// pool with more files than can be looked at while somebody waits, that goes for the runs changed last; of
// the others only the directory is looked at, which tells when a sidecar was made, replaced, renamed or
// removed, but not when one was written to in place. A record is always read from its file.
#pragma once
#include <functional>
#include <ktstr/kit/mutex.hpp>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "index/pool_index.hpp"
#include "pool/pool.hpp"

namespace ktstr {

/// What of each run is needed.
struct RunWish {
  enum class Depth { kFacts, kHeads, kRecords } depth = Depth::kRecords;
  std::vector<std::string> commits;  ///< heads and records of these project commits only; empty: of all
};

struct RunReading {
  RunFacts facts;
  std::vector<IndexedFile> files;                ///< sorted by name; empty when the facts were enough
  std::map<std::size_t, SidecarRecord> records;  ///< by position in `files`
  std::vector<PoolManifest> manifests;           ///< at most one per project commit, with records only
  std::vector<PoolProblem> problems;
  bool to_keep = false;  ///< the index does not know it like this
};

class PoolReader {
 public:
  PoolReader(const AppContext& context, StorePort& store, PoolIndex& index)
      : context_(context), store_(store), index_(index), known_(index.runs()) {}

  /// Hands the runs to `consume` in their order, on this thread.
  Status walk(const std::vector<RunEntry>& runs, const RunWish& wish,
              const std::function<void(const RunEntry&, RunReading)>& consume);
  /// `runs`: all that exist of these kinds. Before `walk`, which saves.
  void forget_all_but(const std::vector<RunEntry>& runs, const std::set<StoredKind>& kinds);

 private:
  /// A run on its way to a reading.
  struct Look {
    struct ToRead {
      std::size_t position;  ///< in the reading's files
      bool head_known;
    };
    RunReading reading;
    bool listed = false;  ///< its files have been; else the facts were enough, or it cannot be looked at
    std::vector<ToRead> to_read;
    std::set<std::size_t> unread;  ///< positions of files that could not be read
  };
  struct FileReading {
    SidecarHead head;
    std::string problem;
    bool io = false;
    std::optional<SidecarRecord> record;
  };
  Look look_at(const RunEntry& run, const RunWish& wish, bool look_at_files);
  void take_known(const RunEntry& run, const RunWish& wish, std::vector<SidecarEntry> listed, Look& look);
  FileReading read_file(const RunEntry& run, const RunWish& wish, const IndexedFile& file, bool head_known,
                        Result<std::string> text) const;
  void read_files(std::span<const RunEntry> runs, const RunWish& wish, std::vector<Look>& looks);
  void finish(const RunEntry& run, const RunWish& wish, Look& look);
  void read_manifests(const RunEntry& run, const RunWish& wish, RunReading& reading);
  /// What the index has of it, or null.
  const IndexedRun* known(const RunEntry& run) const;
  /// Whether the wish can be granted with a run's facts alone.
  static bool are_enough(const RunFacts& facts, const RunWish& wish);
  /// Position in `runs`, of which the first changed last.
  std::size_t first_not_looked_at(const std::vector<RunEntry>& runs) const;
  bool is_little(const std::vector<RunEntry>& runs, const RunWish& wish) const;
  bool is_settled(const RunEntry& run, const RunReading& reading) const;

  const AppContext& context_;
  StorePort& store_;
  kit::Mutex mutex_;
  PoolIndex& index_ KTSTR_GUARDED_BY(mutex_);  ///< not safe to call twice at once
  const std::map<std::string, IndexedRun, std::less<>> known_;
  std::int64_t started_ns_ = 0;
};

}  // namespace ktstr
