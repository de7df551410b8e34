// SPDX-License-Identifier: Apache-2.0
//
// Passes of repeated runs, kept outside of the list of runs:
//
//   {root}/.sessions/{name}-{when}/{pass}/…     `when`: when it was begun, UTC, to the nanosecond
//
// Whoever writes a session holds a lock on its directory, so that nobody else goes on with it or removes it.
#pragma once
#include <cstdint>
#include <ktstr/cpp/store.hpp>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::fs_store {

inline constexpr std::string_view kSessions = ".sessions";

struct SessionEntry {
  std::string name, directory;
  std::int64_t mtime_ns = 0;  ///< of the directory or the pass that changed last
  std::uint64_t stamp = 0;
};

class Sessions {
 public:
  Sessions(std::string root, std::uint64_t keep) : root_(std::move(root)), keep_(keep) {}

  /// Most recently changed first.
  std::vector<SessionEntry> entries() const;
  /// Throws KTSTR_CONFLICT for one that somebody else holds.
  std::unique_ptr<sdk::StoreSession> begin(std::string_view name, bool resume);
  /// Whether this object's caller holds the session.
  bool holds(const std::string& name) const { return held_.contains(name); }
  /// Throws KTSTR_NOT_FOUND, KTSTR_CONFLICT.
  void remove(const std::string& name) const;
  /// Removes all but the newest; returns how many.
  std::uint64_t remove_old() const;
  /// Removes what killed removals left; returns the names.
  std::vector<std::string> sweep(bool dry_run) const;
  std::string directory() const { return root_ + "/" + std::string(kSessions); }

 private:
  class Held;
  bool try_remove(const std::string& name) const;

  std::string root_;
  std::uint64_t keep_;
  std::set<std::string> held_;
};

}  // namespace ktstr::fs_store
