// SPDX-License-Identifier: Apache-2.0
//
// `ktstr runs push`: what a store refused is stored after all.
#pragma once
#include "pool/spool.hpp"

namespace ktstr {

struct PushedEntry {
  std::string key, began;
  std::uint64_t files = 0, bytes = 0;
};

struct PushOutcome {
  std::vector<PushedEntry> pushed;  ///< oldest first; with `dry_run` those that would be
  std::vector<Error> kept;          ///< why an entry still waits; each names it
};

/// Removes an entry once the store has acknowledged all of it. What is damaged, of another store, older than
/// what the run has by now, or just being written or pushed by somebody else stays where it is.
Result<PushOutcome> push_spooled(const AppContext& context, bool dry_run);

}  // namespace ktstr
