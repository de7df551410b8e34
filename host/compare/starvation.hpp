// SPDX-License-Identifier: Apache-2.0
//
// What did not happen. A task that never runs leaves no latency, no iteration and no number that got worse:
// without looking for it, starvation looks like silence. Pure.
#pragma once
#include <string>
#include <vector>

#include "compare/comparison.hpp"
#include "sidecar/cgroup_table.hpp"

namespace ktstr {

/// It happened in a cgroup on the baseline, and in no run of HEAD, or not in all of them.
struct Absence {
  const CgroupSeries* cgroup = nullptr;
  Happening what = Happening::kIterations;
  std::uint64_t before_runs = 0, before_happened = 0, after_runs = 0, after_happened = 0, workers = 0;

  bool entire() const { return after_happened == 0; }
  /// Nothing completed where every run of the baseline completed something is worse, whatever the gates. A
  /// latency that nobody had may have other reasons.
  bool clearly_worse() const {
    return entire() && what == Happening::kIterations && before_happened == before_runs;
  }
  /// Figures that need this have nothing of the cgroup on HEAD, and had on the baseline.
  bool takes(Happening needs) const;
  std::string text() const;     ///< "did not happen on HEAD: …"
  std::string caution() const;  ///< of other rows of the scenario
};

/// Of a cgroup without iterations nothing else is listed. In order of the cgroups.
std::vector<Absence> absences(const CgroupTable& cgroups);

/// Nothing of it on the baseline, whose workers were there, and something on HEAD.
bool only_on_head(const CgroupTable& cgroups, Happening what);

/// Workers of a cgroup that completed nothing, on one side.
struct StarvedCgroup {
  ScenarioKey scenario;
  bool head = false;
  std::string cgroup;                   ///< safe to show; empty: cgroups are not told apart
  std::uint64_t workers = 0, idle = 0;  ///< of the run with the most
  std::uint64_t runs = 0, of_runs = 0;
};
std::string shown(const StarvedCgroup& starved);

void list_starved(const ScenarioKey& scenario, const CgroupTable& cgroups,
                  std::vector<StarvedCgroup>& starved);

}  // namespace ktstr
