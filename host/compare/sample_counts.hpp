// SPDX-License-Identifier: Apache-2.0
//
// What became too rare to compare: a latency that one wake-up in four hundred was left to tell of is no
// improvement. Pure.
#pragma once
#include <string>
#include <vector>

#include "sidecar/cgroup_table.hpp"

namespace ktstr {

/// Samples behind the latencies of one cgroup, in the mean over the runs of each side that count them.
struct Thinning {
  const CgroupSeries* cgroup = nullptr;
  Happening what = Happening::kWakeups;
  double before = 0, after = 0;
  std::string caution() const;  ///< of the rows that need them
};

/// Where HEAD has less than a quarter of the baseline's samples; what has none at all is an absence.
std::vector<Thinning> thinnings(const CgroupTable& cgroups);

}  // namespace ktstr
