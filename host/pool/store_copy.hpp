// SPDX-License-Identifier: Apache-2.0
//
// Runs on their way from stores into another one: every byte is read back and compared, what is there already
// is not written again, and what would take the place of something else is refused.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ports/ports.hpp"
#include "session/context.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

struct CopySource {
  std::string name;  ///< for people: "s3://bucket/prefix", a directory
  StorePort* store = nullptr;
};

struct CopyWish {
  std::function<bool(const SidecarRecord&)> wanted;  ///< empty: everything
  bool all_or_nothing = false;                       ///< one conflict, and nothing is written
};

struct CopiedRun {
  std::string key;
  std::uint64_t copied = 0, there = 0;  ///< files; `there`: the same bytes were in the target
  std::uint64_t bytes = 0;              ///< copied
};

struct CopyOutcome {
  std::vector<CopiedRun> runs;  ///< in the order of the sources
  std::vector<Error> refused;   ///< conflicts, and what could not be read or written
  std::uint64_t files() const;
};

/// Runs only: no history and no sessions. A call that was ended goes on where it stopped.
Result<CopyOutcome> copy_runs(const AppContext& context, const std::vector<CopySource>& sources,
                              const CopySource& target, const CopyWish& wish);

}  // namespace ktstr
