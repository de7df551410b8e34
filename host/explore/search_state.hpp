// SPDX-License-Identifier: Apache-2.0
//
// How far a search is: what is kept of it in its directory, so that the next one of the same inputs goes on.
#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "explore/corpus.hpp"
#include "explore/finding.hpp"
#include "explore/seed_set.hpp"
#include "support/result.hpp"

namespace ktstr {

/// How scenarios ended.
struct ScenarioCounts {
  std::uint64_t passed = 0, failed = 0, skipped = 0, inconclusive = 0, errors = 0;
  std::uint64_t refused = 0;    ///< seeds that gave nothing the runner takes for a test
  std::uint64_t as_before = 0;  ///< of the failed, those that fail on the baseline as well
  std::uint64_t suspects = 0;   ///< of the passed, those whose metrics look worse than the baseline's
  std::uint64_t run() const { return passed + failed + skipped + inconclusive + errors; }
  std::uint64_t all() const { return run() + refused; }
};

struct SearchState {
  SeedSet seeds;
  ScenarioCounts counts;
  std::vector<std::string> reasons;  ///< why scenarios could not be judged: the first few, each once
  std::vector<Discovery> findings;
  Corpus corpus;
};

json::object counts_json(const ScenarioCounts& counts);
std::string state_text(const SearchState& state);
/// Throws Mistake.
SearchState read_state(const Located& document);

/// The state in that directory; an empty one where there is none yet.
Result<SearchState> load_state(const std::filesystem::path& directory);
Status save_state(const std::filesystem::path& directory, const SearchState& state);

}  // namespace ktstr
