// SPDX-License-Identifier: Apache-2.0
//
// What a sidecar says of its cgroups, one by one. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metrics/cgroup_metrics.hpp"
#include "support/json.hpp"

namespace ktstr {

struct CgroupRecord {
  std::string name;  ///< as the manifest has it; empty: an older file
  std::uint64_t workers = 0;
  bool counts_workers = false;     ///< false: 0 is what nobody said
  std::uint64_t idle_workers = 0;  ///< those that completed nothing
  std::vector<double> values;      ///< in the order of cgroup_metrics(); NaN: there is none

  double wakeups, timers;  ///< samples behind the latencies; NaN: not counted

  CgroupRecord();
  double samples(Happening what) const;
  bool happened(Happening what) const;
};

/// `stats.cgroups`. A latency without a sample behind it, and a ratio of nothing, are no values; no iteration
/// at all is 0.
std::vector<CgroupRecord> read_cgroups(const json::object& stats);

/// Figures of one name could be anybody's: which of them a comparison takes would be chance.
std::optional<std::string> name_that_is_twice(const std::vector<CgroupRecord>& cgroups);

}  // namespace ktstr
