// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

/// When a failure became inevitable: what happens when another scheduler takes over at some time after the
/// scenario's beginning.
struct Moment {
  std::string state = "open";  ///< "found", "never": even a takeover at once is too late, "no_takeover":
                               ///< cannot be had of this test; "open": not looked for yet
  std::uint64_t averted_ms = 0, inevitable_ms = 0;  ///< found: the last that helped, the first that did not
  bool as_found = false;  ///< of the scenario as it was found; the saved manifest, which is smaller, has none
};

/// A failure that a search came upon. Those of one test and one kind are one finding.
struct Discovery {
  std::string test, kind;
  std::uint64_t seed = 0;                     ///< of the first scenario that showed it
  std::optional<std::uint64_t> from;          ///< seed of what that was varied from; nothing: the test itself
  std::uint64_t count = 0;                    ///< scenarios that showed it
  std::vector<std::uint64_t> seeds;           ///< the first of them
  std::string message;                        ///< of the saved manifest: its first line
  std::string file;                           ///< the saved manifest, below the project where it lies there
  std::uint64_t bytes_before = 0, bytes = 0;  ///< of the test as it was found, and as it is saved
  std::uint64_t tried = 0;                    ///< smaller ones that were run
  bool minimal = false;                       ///< nothing can be left out without losing the failure
  std::vector<std::string> worse_metrics;     ///< what HEAD is worse in than the baseline; none: it fails
  Moment moment;                              ///< of the saved manifest, unless it says otherwise
};

json::object finding_json(const Discovery& finding);
/// Throws Mistake.
Discovery read_finding(const Located& located);

}  // namespace ktstr
