// SPDX-License-Identifier: Apache-2.0
//
// What a worker measures of itself, in memory that it shares with the agent, so that a killed worker has
// still reported.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "agent/random.hpp"

namespace ktstr::agent {

inline constexpr std::size_t kMaxCpus = 1024;

struct WorkerReport {
  std::int64_t tid = 0;
  bool messenger = false;
  bool timer = false;  ///< latencies are timer latencies
  std::atomic<bool> completed{false};
  std::uint64_t work_units = 0, iterations = 0;
  std::uint64_t start_ns = 0, cpu_time_ns = 0, wall_time_ns = 0;
  std::uint64_t migrations = 0;
  std::array<std::uint64_t, kMaxCpus / 64> cpus_used{};
  std::uint64_t max_gap_ns = 0, max_gap_at_ns = 0;
  std::uint32_t max_gap_cpu = 0;
  std::uint64_t run_delay_ns = 0, run_count = 0;
  std::uint64_t latency_count = 0;  ///< all that were seen
  std::uint64_t latencies_kept = 0;
  // For whoever looks at the scenario's end at a worker that has not run for a while.
  std::uint64_t delay_begin_ns = 0;  ///< run delay that does not belong to the scenario
  std::uint64_t last_seen_ns = 0;    ///< when it last looked at the clock
  std::uint64_t due_ns = 0;          ///< when its latest sleep was to end
};

std::uint64_t now_ns();

/// What the kernel counts of a task's waiting (Documentation/scheduler/sched-stats.rst): time on run queues
/// that a turn on a CPU has ended, and such turns.
struct RunDelay {
  std::uint64_t waited_ns = 0, turns = 0;
};
/// `process`: "self", or a pid. Zeros when it cannot be read.
RunDelay read_run_delay(const std::string& process);

/// Fills one worker's report. `latencies` has room for `reservoir` values.
class Telemetry {
 public:
  Telemetry(WorkerReport& report, std::uint64_t* latencies, std::uint64_t reservoir, Random& random)
      : report_(report), latencies_(latencies), reservoir_(reservoir), random_(random) {}

  /// At the gate, before the scenario.
  void arrive();
  /// The workers were released at `released_ns`, and this one was to begin at `start_ns`: what it waits
  /// beyond that counts.
  void begin(std::uint64_t released_ns, std::uint64_t start_ns);
  /// After a stretch of work: a scheduling gap is the longest time between two checkpoints with nothing
  /// voluntary in between.
  void checkpoint();
  /// After the worker slept or blocked by itself: that time is no gap.
  void woke();
  /// Before it sleeps until `due_ns`.
  void sleeps_until(std::uint64_t due_ns) { report_.due_ns = due_ns; }
  /// One latency: of a wake-up, or of a timer. Reservoir sampling (algorithm R) beyond the room.
  void latency(std::uint64_t ns);
  void finish();

  void add_units(std::uint64_t units) { report_.work_units += units; }
  void add_iteration() { ++report_.iterations; }

 private:
  void look_at_cpu();

  WorkerReport& report_;
  std::uint64_t* latencies_;
  std::uint64_t reservoir_;
  Random& random_;
  std::uint64_t last_ns_ = 0, cpu_begin_ns_ = 0, count_begin_ = 0, arrived_ns_ = 0;
  int cpu_ = -1;
};

}  // namespace ktstr::agent
