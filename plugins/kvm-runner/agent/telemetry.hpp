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
#include "protocol/histogram.hpp"
#include "protocol/worker_numbers.hpp"

namespace ktstr::agent {

inline constexpr std::size_t kMaxCpus = 1024;

/// How many of a distribution's samples were seen and kept.
struct SampleCount {
  std::uint64_t seen = 0, kept = 0;
};

struct WorkerReport {
  std::int64_t tid = 0;
  std::atomic<bool> completed{false};
  kvm::WorkerNumbers numbers;
  std::array<std::uint64_t, kMaxCpus / 64> cpus_used{};
  std::array<SampleCount, 2> samples{};   ///< of the work type's distributions
  std::array<std::uint64_t, 4> counts{};  ///< of the work type's counters
  std::uint64_t start_ns = 0;
  // For whoever looks at the scenario's end at a worker that has not run for a while.
  std::uint64_t delay_begin_ns = 0;  ///< run delay that does not belong to the scenario
  std::uint64_t last_seen_ns = 0;    ///< when it last looked at the clock
  std::uint64_t due_ns = 0;          ///< when its latest sleep was to end
};

inline constexpr std::uint64_t kMicrosecond = 1000, kMillisecond = 1'000'000;  ///< in ns

std::uint64_t now_ns();

/// What the kernel counts of a task's waiting (Documentation/scheduler/sched-stats.rst): time on run queues
/// that a turn on a CPU has ended, and such turns.
struct RunDelay {
  std::uint64_t waited_ns = 0, turns = 0;
};
/// `task`: "thread-self", or its id. Zeros when it cannot be read.
RunDelay read_run_delay(const std::string& task);

/// Where a worker's distribution goes: a reservoir of exact values, and a histogram of all of them.
struct SampleRoom {
  std::uint64_t* kept = nullptr;
  kvm::Histogram* all = nullptr;
};

/// Fills one worker's report.
class Telemetry {
 public:
  /// `rooms`: for each distribution of the work type, with `reservoir` values to keep; `pauses` grows
  /// whenever the worker was kept from running on purpose (the freezer).
  Telemetry(WorkerReport& report, std::array<SampleRoom, 2> rooms, std::uint64_t reservoir, Random& random,
            const std::atomic<std::uint32_t>& pauses)
      : report_(report), rooms_(rooms), reservoir_(reservoir), random_(random), pauses_(pauses) {}

  /// At the gate, before the scenario.
  void arrive();
  /// The workers were released at `released_ns`, and this one was to begin at `start_ns`: what it waits
  /// beyond that counts.
  void begin(std::uint64_t released_ns, std::uint64_t start_ns);
  /// After a stretch of work: a scheduling gap is the longest time between two checkpoints with nothing
  /// voluntary in between.
  void checkpoint();
  /// After the worker slept or blocked by itself: that time is no gap. Returns the time.
  std::uint64_t woke();
  /// Before it sleeps until `due_ns`.
  void sleeps_until(std::uint64_t due_ns) { report_.due_ns = due_ns; }
  /// One value of a distribution of the work type. Reservoir sampling (algorithm R) beyond the room.
  void sample(std::size_t distribution, std::uint64_t ns);
  /// One latency: of the work type's first distribution.
  void latency(std::uint64_t ns) { sample(0, ns); }
  void count(std::size_t counter, std::uint64_t more = 1) { report_.counts[counter] += more; }
  void finish();

  void add_units(std::uint64_t units) { report_.numbers.work_units += units; }
  void add_iteration() { ++report_.numbers.iterations; }

 private:
  void look_at_cpu();

  WorkerReport& report_;
  std::array<SampleRoom, 2> rooms_;
  std::uint64_t reservoir_;
  Random& random_;
  const std::atomic<std::uint32_t>& pauses_;
  std::uint32_t pauses_seen_ = 0;
  std::uint64_t last_ns_ = 0, cpu_begin_ns_ = 0, count_begin_ = 0, arrived_ns_ = 0, user_begin_ns_ = 0,
                system_begin_ns_ = 0;
  int cpu_ = -1;
};

}  // namespace ktstr::agent
