// SPDX-License-Identifier: Apache-2.0
//
// The two sides of a comparison and the two ways to get their numbers.
#pragma once
#include <string>
#include <vector>

#include "app/perf_delta.hpp"
#include "core/sidecar.hpp"

namespace ktstr {

struct Commits {
  std::string baseline_full, baseline_label, how;
  std::string head_full, head_label;
  bool head_is_dirty = false;
  std::string subdirectory;  ///< of the project below its repository's root
};

struct Sides {
  std::vector<SidecarRecord> baseline, head;
  std::vector<std::string> notes;
};

/// Stored sidecars of both commits, from every run in the store. Sidecars of repeated runs are left out: those of a -dirty HEAD may
/// come from an older state of the tree.
Result<Sides> load_sides(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits);

/// Checks both commits out, builds each once and runs their performance_mode tests alternately: block 0 baseline first, block 1 HEAD
/// first, and so on, so that a drift of the machine hits both. Both sides of a block run with the same seed.
Result<Sides> measure_sides(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits, BaselinePort& baseline,
                            const Kernel& kernel);

}  // namespace ktstr
