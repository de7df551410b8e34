// SPDX-License-Identifier: Apache-2.0
//
// A run's results by scenario, topology or work type. Pure.
#pragma once
#include <string>
#include <vector>

#include "sidecar/sidecar.hpp"

namespace ktstr {

struct GroupSummary {
  std::string name;
  std::uint64_t total = 0, passed = 0, skipped = 0, failed = 0, inconclusive = 0;
  std::optional<double> spread, gap_ms, imbalance, dsq_depth, fallback;  ///< means of what was measured
  std::uint64_t idle_workers = 0;                                        ///< that completed nothing, in all
  double stalls = 0;                                                     ///< sum
};

/// By what `field` says, the largest mean spread first, then by name.
std::vector<GroupSummary> summarise_by(const std::vector<const SidecarRecord*>& records,
                                       std::string SidecarRecord::*field);

}  // namespace ktstr
