// SPDX-License-Identifier: Apache-2.0
//
// The numbers of one worker in a result. The agent's writer and the runner's reader go through the same rows,
// so a new number is a member and a row here, and where the agent gets it from (agent/workers.cpp).
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace ktstr::kvm {

struct WorkerNumbers {
  std::uint64_t work_units = 0;                        ///< of spin()
  std::uint64_t iterations = 0;                        ///< rounds of its work
  std::uint64_t cpu_time_ns = 0;                       ///< that it got
  std::uint64_t user_time_ns = 0, system_time_ns = 0;  ///< the same, as getrusage divides it
  std::uint64_t wall_time_ns = 0;                      ///< from its start to its end
  std::uint64_t off_cpu_ns = 0;                        ///< wall_time_ns without cpu_time_ns
  std::uint64_t migrations = 0;                        ///< changes of CPU that it saw
  std::uint64_t max_gap_ns =
      0;  ///< longest time between two looks at the clock with nothing voluntary in between
  std::uint64_t max_gap_cpu = 0;    ///< where it was after it
  std::uint64_t max_gap_at_ns = 0;  ///< when that was
  std::uint64_t run_delay_ns =
      0;  ///< schedstat: time on run queues, with a wait that the scenario's end cut short
  std::uint64_t run_count = 0;  ///< schedstat: turns on a CPU
  std::uint64_t numa_pages = 0,
                numa_pages_local = 0;  ///< of the private memory that it had got by its end: all, and those
                                       ///< on the expected nodes; 0 with one node
};

enum class NumberKind : std::uint8_t {
  kCounter,
  kTime,    ///< a duration in ns
  kMoment,  ///< a point in time in ns
  kCpu,
};

struct WorkerNumber {
  std::string_view name;
  std::uint64_t WorkerNumbers::*member;
  NumberKind kind;
};

inline constexpr auto kWorkerNumbers = [] {
  using enum NumberKind;
  using W = WorkerNumbers;
  return std::to_array<WorkerNumber>({{"work_units", &W::work_units, kCounter},
                                      {"iterations", &W::iterations, kCounter},
                                      {"cpu_time_ns", &W::cpu_time_ns, kTime},
                                      {"user_time_ns", &W::user_time_ns, kTime},
                                      {"system_time_ns", &W::system_time_ns, kTime},
                                      {"wall_time_ns", &W::wall_time_ns, kTime},
                                      {"off_cpu_ns", &W::off_cpu_ns, kTime},
                                      {"migrations", &W::migrations, kCounter},
                                      {"max_gap_ns", &W::max_gap_ns, kTime},
                                      {"max_gap_cpu", &W::max_gap_cpu, kCpu},
                                      {"max_gap_at_ns", &W::max_gap_at_ns, kMoment},
                                      {"run_delay_ns", &W::run_delay_ns, kTime},
                                      {"run_count", &W::run_count, kCounter},
                                      {"numa_pages", &W::numa_pages, kCounter},
                                      {"numa_pages_local", &W::numa_pages_local, kCounter}});
}();

}  // namespace ktstr::kvm
