// SPDX-License-Identifier: Apache-2.0
//
// Carries out a scenario: cgroups, workers, and the steps at their times.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "agent/cgroups.hpp"
#include "agent/counters.hpp"
#include "agent/payloads.hpp"
#include "agent/random.hpp"
#include "agent/result.hpp"
#include "agent/snapshots.hpp"
#include "agent/spec.hpp"
#include "agent/workers.hpp"
#include "protocol/scenario.hpp"

namespace ktstr::agent {

class Scheduler;

/// A point in time at which a phase begins (the last one: at which the scenario ends), and what had happened
/// until then.
struct Mark {
  std::uint64_t at_ns = 0;
  std::string label;
  std::vector<Workers::Progress> sets;  ///< of each set of workers
  CounterReading counters;
};

/// How far each set was at one moment; taken every 100 ms.
struct Pulse {
  std::uint64_t at_ns = 0;
  std::vector<std::uint64_t> rounds;  ///< of each set of workers
};

class Play {
 public:
  /// `tick` is called at least every 100 ms while the scenario runs. `scheduler` is null where the spec has
  /// none for any time, and attached already where the test has one of its own.
  Play(const Spec& spec, Workers& workers, Scheduler* scheduler, GuestTopology topology,
       std::function<void()> tick);

  /// Makes what is there at the start. Empty, or what went wrong.
  std::string set_up();
  /// From the release of the workers to the end of the duration. False when an operation failed (`problem`)
  /// or the scheduler was no longer in charge (`problem` is empty).
  bool run(std::string& problem);

  std::uint64_t start_ns() const { return start_ns_; }
  std::uint64_t end_ns() const { return end_ns_; }
  const std::vector<Mark>& marks() const { return marks_; }
  const std::vector<Pulse>& pulses() const { return pulses_; }
  const std::vector<Snapshot>& snapshots() const { return snapshots_; }

  // For operations (operations.cpp).
  const kvm::Scenario& scenario() const { return scenario_; }
  Cgroups& cgroups() { return cgroups_; }
  const Cgroups& cgroups() const { return cgroups_; }
  Workers& workers() { return workers_; }
  const Workers& workers() const { return workers_; }
  /// The one that is in force, or the last one; null: there is never one.
  Scheduler* scheduler() { return scheduler_; }
  bool without_scheduler() const { return without_scheduler_; }  ///< the kernel's own is meant to rule
  /// Takes out whoever is in force. Empty, or what went wrong.
  std::string end_scheduler();
  /// Attaches a scheduler of the spec's others, counted from 1; nothing: the last one again.
  std::string begin_scheduler(std::optional<std::size_t> other);
  Payloads& payloads() { return payloads_; }
  const Payloads& payloads() const { return payloads_; }
  std::string start_payload(std::size_t payload);
  /// Waits for a payload, ticking. Empty, or what went wrong.
  std::string await_payload(std::size_t payload, std::uint64_t timeout_ms);
  void mark(std::string label);
  void keep(Snapshot snapshot) { snapshots_.push_back(std::move(snapshot)); }
  std::string start_set(std::size_t set);
  void stop_cgroup(std::size_t cgroup);
  std::string set_tasks(std::size_t cgroup, const kvm::Values& attributes);
  /// Every set of workers that is in a cgroup now, as far as it was started.
  std::vector<std::size_t> sets_in(std::size_t cgroup) const;
  void move_sets(std::size_t from, std::size_t to);

 private:
  /// Sleeps until `due`, ticking. False when the scheduler is no longer in charge.
  bool wait_until(std::uint64_t due_ns);
  bool in_charge();
  void pulse();
  bool take_step(const kvm::Step& step, std::size_t index, std::string& problem);
  std::string operate(const kvm::Step& step, std::size_t index);

  const kvm::Scenario& scenario_;
  const std::vector<SchedulerSpec>& others_;
  Workers& workers_;
  Scheduler* scheduler_;
  GuestTopology topology_;
  Random random_;
  std::function<void()> tick_;
  Cgroups cgroups_;
  Payloads payloads_;
  std::vector<std::size_t> place_;  ///< in which cgroup each set is now
  std::vector<Mark> marks_;
  std::vector<Pulse> pulses_;
  std::vector<Snapshot> snapshots_;
  std::uint64_t start_ns_ = 0, end_ns_ = 0;
  bool without_scheduler_ = false;
};

/// Carries out one operation. Empty, or what went wrong.
std::string carry_out(Play& play, const kvm::Operation& operation);

/// Whether the agent has a function for an operation; for a test.
bool has_operation(std::string_view name);

}  // namespace ktstr::agent
