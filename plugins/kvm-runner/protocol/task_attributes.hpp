// SPDX-License-Identifier: Apache-2.0
//
// What workers can be given, when they start and by the operation `set_tasks` later. See sched_setattr(2),
// sched_setaffinity(2) and set_mempolicy(2). A new one is a row here and a line in agent/tasks.cpp.
#pragma once
#include <array>

#include "protocol/parameter.hpp"

namespace ktstr::kvm {

inline constexpr auto kTaskAttributes = [] {
  using enum ParameterKind;
  constexpr std::int64_t kLongest = 10'000'000;
  return std::to_array<Parameter>({
      {"policy", kChoice, "scheduling policy", 0, 0, 0, "normal|batch|idle|fifo|rr|deadline|ext"},
      {"priority", kCount, "real-time priority, of fifo and rr; the agent has 50", 1, 1, 49},
      {"nice", kCount, "nice value, of normal and batch", 0, -20, 19},
      {"slice_us", kCount, "slice that is asked for (EEVDF, Linux 6.12)", 0, 100, 100'000},
      {"runtime_us", kCount, "CPU time in each period, of deadline", 0, 1, kLongest},
      {"deadline_us", kCount, "until when it must have had it, of deadline; nothing: the period", 0, 1,
       kLongest},
      {"period_us", kCount, "period of deadline", 0, 1, kLongest},
      {"reclaim", kFlag, "takes what others of the policy deadline leave of their time (GRUB)"},
      {"cpus", kCpus, "affinity: CPUs that the workers may use"},
      {"affinity", kChoice,
       "how the workers share these CPUs: all of them have all, each has one in turn, each has "
       "those of one LLC in turn, a random half, or one in turn and all that are none of them, which its "
       "cgroup "
       "keeps from it until it is moved or its cpuset changes",
       0, 0, 0, "all|single|llc|random|cross_cgroup"},
      {"memory", kChoice, "memory policy", 0, 0, 0,
       "default|bind|preferred|interleave|local|preferred_many|weighted_interleave"},
      {"nodes", kNodes, "NUMA nodes of the memory policy"},
  });
}();

}  // namespace ktstr::kvm
