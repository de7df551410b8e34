// SPDX-License-Identifier: Apache-2.0
//
// What a new invocation would clear, kept instead:
//
//   {root}/.history/{key}/{when}-{n}/…     `when`: the newest file's time, UTC;
//                                          `n` tells runs of one second apart
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::fs_store {

inline constexpr std::string_view kHistory = ".history";

struct HistoryEntry {
  std::string key;  ///< ".history/{key}/{when}-{n}"
  std::string directory;
  std::int64_t mtime_ns = 0;
  std::uint64_t stamp = 0;
};

class History {
 public:
  /// kMove: the files leave their directory. kLink: they stay and are in both until the next invocation
  /// replaces them there.
  enum class Keep { kMove, kLink };

  explicit History(std::string root) : root_(std::move(root)) {}

  /// Newest first. `run_key` empty: of all keys.
  std::vector<HistoryEntry> entries(std::string_view run_key = {}) const;

  /// Puts `names` of `directory` into a new entry of `run_key`, each by one rename or link, then removes all
  /// but the newest `keep` entries of that key. Interrupted at any instant, every file is in at least one of
  /// the two places.
  void keep(const std::string& run_key, const std::string& directory, const std::vector<std::string>& names,
            std::uint64_t keep, Keep how) const;

  /// Removes the entry and its files. Throws KTSTR_NOT_FOUND when there is none, KTSTR_INVALID_ARGUMENT when
  /// `key` is of no entry.
  void remove(std::string_view key) const;

 private:
  std::string root_;
};

}  // namespace ktstr::fs_store
