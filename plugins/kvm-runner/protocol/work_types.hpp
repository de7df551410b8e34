// SPDX-License-Identifier: Apache-2.0
//
// Every work type, as data: manifests are checked against this table and the agent maps its names to
// functions.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace ktstr::kvm {

struct WorkParameter {
  std::string_view name;  ///< with its unit: "busy_us"; empty: no parameter
  std::uint64_t default_value = 0, min = 0, max = 0;
};

struct WorkType {
  std::string_view name;
  std::string_view description;
  std::array<WorkParameter, 3> parameters;
  /// Workers that belong together. A cgroup's worker count must be a multiple of it; FutexFanOut adds its
  /// `fan_out` to this.
  std::uint32_t group_size = 1;

  std::uint32_t workers_per_group(std::uint64_t fan_out) const {
    return name == "FutexFanOut" ? 1 + static_cast<std::uint32_t>(fan_out) : group_size;
  }
};

inline constexpr std::array<WorkType, 8> kWorkTypes = {{
    {"SpinWait", "spins without pause", {{{"units", 1024, 1, 100'000'000}}}, 1},
    {"YieldHeavy", "a little work, then sched_yield", {{{"units", 64, 1, 100'000'000}}}, 1},
    {"Mixed", "a spin burst, then sched_yield", {{{"units", 8192, 1, 100'000'000}}}, 1},
    {"Bursty",
     "busy, then asleep",
     {{{"busy_us", 50'000, 1, 10'000'000}, {"sleep_us", 100'000, 1, 10'000'000}}},
     1},
    {"PipeIo",
     "a burst, then a byte through a pipe to the partner and back",
     {{{"units", 1024, 1, 100'000'000}}},
     2},
    {"FutexPingPong",
     "a burst, then wakes the partner by futex and waits",
     {{{"units", 1024, 1, 100'000'000}}},
     2},
    {"FutexFanOut",
     "one messenger wakes fan_out receivers by futex and waits for all",
     {{{"fan_out", 4, 1, 64}, {"units", 1024, 1, 100'000'000}}},
     1},
    {"TimerLatency",
     "sleeps until an absolute time, measures how late it wakes",
     {{{"interval_us", 1000, 50, 10'000'000}, {"units", 64, 1, 100'000'000}}},
     1},
}};

constexpr const WorkType* find_work_type(std::string_view name) {
  for (const WorkType& type : kWorkTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace ktstr::kvm
