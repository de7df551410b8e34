// SPDX-License-Identifier: Apache-2.0
//
// What the pool has of the two sides of a stored comparison.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "delta/perf_delta.hpp"

namespace ktstr {

struct StoredSide {
  std::vector<SidecarRecord> records;
  std::vector<RunManifest> runs;
  std::set<std::string> other_kernels;  ///< of sidecars that --kernel leaves out
};

struct StoredSides {
  StoredSide baseline, head;
  std::uint64_t walked = 0;
  std::set<std::string> labels;   ///< commits of the pool's performance sidecars
  std::set<std::string> on_axis;  ///< values of the axis' dimension at the commit
  std::set<std::string> on_both;  ///< kernels that both values of an axis of kernels name
  std::vector<std::string> notes;
  std::vector<Shortfall> unreadable;

  StoredSide& of(bool is_head) { return is_head ? head : baseline; }
  const StoredSide& of(bool is_head) const { return is_head ? head : baseline; }
};

/// Sidecars of repeated runs are left out: those of a -dirty HEAD may come from an older state of the tree.
Result<StoredSides> load_sides(const AppContext& context, const PerfDeltaRequest& request,
                               const Commits& commits);

/// Where else the pool has performance sidecars of a baseline of which there are none in its runs: those of
/// its commit with changes, or such as were put aside. Empty: nowhere.
Result<std::string> kept_elsewhere(const AppContext& context, const Commits& commits,
                                   const StoredSides& sides);

/// Runs of HEAD, or of the commit of an axis, that were measured of another state of the tree than the
/// present one. `unknown`: whether there are runs with changes of which nobody can tell.
std::vector<Shortfall> stale_runs(const PerfDeltaRequest& request, const Commits& commits,
                                  const StoredSides& sides, const ComparisonSet& set, bool& unknown);

}  // namespace ktstr
