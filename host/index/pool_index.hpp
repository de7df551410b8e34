// SPDX-License-Identifier: Apache-2.0
//
// Remembers what the sidecars of a pool were when they were last read: an SQLite file that holds nothing a
// read of the pool would not give again. Whatever is wrong with it (missing, another version, damaged,
// locked, on a read-only disk) costs time, never an answer.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "index/packed.hpp"
#include "ports/ports.hpp"
#include "sidecar/sidecar_head.hpp"

namespace ktstr {

/// A file as it was when its head was read.
struct IndexedFile {
  SidecarEntry entry;
  SidecarHead head;
  std::string problem;  ///< why it is no sidecar; empty when it is one
};

/// What the files of a run amount to.
struct RunFacts {
  std::uint64_t tests = 0, problems = 0;
  std::string date;                  ///< earliest timestamp
  std::string arch;                  ///< of the first file, by name, that has a host context
  std::vector<std::string> commits;  ///< project commits, sorted; "" stands for null
};
RunFacts facts_of(const std::vector<IndexedFile>& files);

struct IndexedRun {
  std::uint64_t stamp = 0;    ///< the run's when it was read
  std::uint64_t listing = 0;  ///< of its files then
  RunFacts facts;
};

/// Another value whenever a file of a run came, went, was replaced or written to: of names, sizes, times and
/// stamps.
class ListingSum {
 public:
  /// In the order of names.
  void add(const SidecarEntry& entry);
  std::uint64_t value() const;

 private:
  Packer packed_;
};

/// Where the index of a store lies: beside the runs when that directory can be written to, else in the cache
/// under a name made from `store`, its name and options. `beside` may be empty.
std::vector<std::filesystem::path> index_places(const std::filesystem::path& beside,
                                                const std::filesystem::path& cache_dir,
                                                const std::string& store);

class PoolIndex {
 public:
  /// Uses the first of `places` that can be opened and written to; none: remembers nothing.
  explicit PoolIndex(const std::vector<std::filesystem::path>& places);
  ~PoolIndex();
  PoolIndex(const PoolIndex&) = delete;
  PoolIndex& operator=(const PoolIndex&) = delete;

  std::map<std::string, IndexedRun, std::less<>> runs();
  /// Files of a run sorted by name; empty when it is not known or its row is damaged.
  std::vector<IndexedFile> files(const std::string& run_key);

  /// Both are kept when `save` is called, all or nothing.
  void put(const std::string& run_key, std::uint64_t stamp, const std::vector<IndexedFile>& files);
  void forget(const std::string& run_key);
  void save();

 private:
  class Database;
  bool begin_writing();
  void lose(int error);

  std::unique_ptr<Database> database_;
  bool writing_ = false;
};

}  // namespace ktstr
