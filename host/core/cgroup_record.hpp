// SPDX-License-Identifier: Apache-2.0
//
// What a sidecar says of its cgroups, one by one. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/cgroup_metrics.hpp"
#include "support/json.hpp"

namespace ktstr {

struct CgroupRecord {
  std::string name;  ///< as the manifest has it; empty: an older file
  std::uint64_t workers = 0;
  std::uint64_t idle_workers = 0;               ///< those that completed nothing
  std::array<double, kCgroupMetrics> values{};  ///< in the order of cgroup_metrics(); NaN: there is none

  CgroupRecord();
  bool happened(Happening what) const;
};

/// `stats.cgroups`. A latency without a sample behind it, and a ratio of nothing, are no values; no iteration
/// at all is 0.
std::vector<CgroupRecord> read_cgroups(const json::object& stats);

}  // namespace ktstr
