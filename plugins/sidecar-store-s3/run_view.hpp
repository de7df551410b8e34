// SPDX-License-Identifier: Apache-2.0
//
// What the objects of one run amount to: which files it has now, and which it had before later invocations.
// Writers count in the order of their names, which is that of their beginnings.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "listing.hpp"
#include "object_name.hpp"

namespace ktstr::s3_store {

bool is_sidecar_name(std::string_view name);
/// Whether it is an artifact that a test left beside this sidecar.
bool lies_beside(std::string_view sidecar, std::string_view artifact);

using Files = std::map<std::string, ListedObject, std::less<>>;  ///< by file name

struct PastRun {
  std::string id;  ///< the writer that was the last one
  Files files;
};

struct WriterState {
  std::string id;
  bool ended = false;
  std::int64_t last_ns = 0;  ///< when its newest object was made
  std::string begin_key;     ///< empty: it has no such object (yet)
};

struct RunView {
  Files files;
  std::vector<PastRun> past;  ///< oldest first; those with a sidecar that nothing later shows
  std::vector<WriterState> writers;
  std::set<std::string>
      sessions;                   ///< hashes of invocations that have begun to write here with Mode::kReplace
  std::string inputs{kNoHash};    ///< what `files` follow from; kNoHash: not known
  std::vector<std::string> keys;  ///< of all objects
  std::int64_t mtime_ns = 0;
  std::uint64_t stamp = 0;  ///< another value whenever an object was made or removed

  std::string newest_writer() const { return writers.empty() ? std::string() : writers.back().id; }
  std::uint64_t sidecars() const;
};

/// Of the objects of one place, in any order.
RunView resolve_run(const std::vector<ListedObject>& objects);

/// Another value for another object.
std::uint64_t object_stamp(const ListedObject& object);

}  // namespace ktstr::s3_store
