// SPDX-License-Identifier: Apache-2.0
//
// What a cgroup can be given, in a manifest when it is made and by the operation `set_cgroup` later. The
// limits are those of Documentation/admin-guide/cgroup-v2.rst. A new one is a row here and, unless it is a
// number in one file, a case in agent/cgroups.cpp.
#pragma once
#include <array>
#include <string_view>

#include "protocol/parameter.hpp"

namespace ktstr::kvm {

struct CgroupAttribute {
  Parameter parameter;
  std::string_view file;        ///< of the cgroup that it is written to
  std::string_view controller;  ///< that must be enabled in its parent; empty: none
};

inline constexpr auto kCgroupAttributes = [] {
  using enum ParameterKind;
  constexpr std::int64_t kLongestPeriod = 1'000'000, kLongestQuota = 1'000'000'000, kMostMib = 1 << 20;
  return std::to_array<CgroupAttribute>({
      {{"cpuset", kCpus, "CPUs that its tasks may use; null: all"}, "cpuset.cpus", "cpuset"},
      {{"weight", kCount, "share of CPU time among siblings", 100, 1, 10'000}, "cpu.weight", "cpu"},
      {{"quota_us", kCount, "CPU time in each period", 0, 1000, kLongestQuota}, "cpu.max", "cpu"},
      {{"quota_period_us", kCount, "period of quota_us", 100'000, 1000, kLongestPeriod}, "cpu.max", "cpu"},
      {{"burst_us", kCount, "unused quota that may be saved up", 0, 0, kLongestQuota},
       "cpu.max.burst",
       "cpu"},
      {{"idle", kFlag, "its tasks run when nothing else wants to"}, "cpu.idle", "cpu"},
      {{"uclamp_min_pct", kCount, "lowest utilisation that its tasks seem to have", 0, 0, 100},
       "cpu.uclamp.min",
       "cpu"},
      {{"uclamp_max_pct", kCount, "highest utilisation that its tasks seem to have", 100, 0, 100},
       "cpu.uclamp.max",
       "cpu"},
      {{"memory_max_mib", kCount, "limit of its memory", 0, 1, kMostMib}, "memory.max", "memory"},
      {{"memory_high_mib", kCount, "memory beyond which its tasks are slowed down", 0, 1, kMostMib},
       "memory.high",
       "memory"},
      {{"pids_max", kCount, "limit of its tasks", 0, 1, 4'194'304}, "pids.max", "pids"},
  });
}();

}  // namespace ktstr::kvm
