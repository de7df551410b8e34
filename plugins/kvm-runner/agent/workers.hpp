// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "agent/telemetry.hpp"
#include "agent/work.hpp"
#include "protocol/scenario.hpp"

namespace ktstr::agent {

/// All workers of a scenario: processes, or threads of one for each group, that wait at their set's gate,
/// work until told to stop, and leave their reports in shared memory. A set is known from the beginning even
/// when an operation starts it later.
class Workers {
 public:
  /// Maps the shared memory; throws std::runtime_error when it cannot.
  Workers(const kvm::Scenario& scenario, std::uint64_t seed, std::uint64_t reservoir);
  ~Workers();  ///< kills what is left
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Forks the workers of a set; `place` is called with each one's pid and index in the set before any is
  /// released. False with `error` set.
  bool start(std::size_t set, const std::function<bool(pid_t, std::uint32_t, std::string& error)>& place,
             std::string& error);
  void release(std::size_t set);
  bool started(std::size_t set) const { return sets_[set].started; }
  /// Stops one set's workers and waits up to `patience_ms`, then kills. Nothing happens to a set that never
  /// started.
  void stop(std::size_t set, std::uint64_t patience_ms);
  /// The set is kept from running on purpose from now on, or has been until now: no gap of theirs.
  void pause(std::size_t set);
  /// The ids of a set's tasks that run.
  std::vector<std::pair<pid_t, std::uint32_t>> running(std::size_t set) const;

  /// When the scenario has ended, before stop(): who is ready to run and kept from it has waited until then,
  /// though no counter of the kernel has it before the turn that ends the wait.
  void note_waiting(std::uint64_t end_ns);

  /// Asks all to stop and waits; true when none is left after `patience_ms`.
  bool ask_to_stop(std::uint64_t patience_ms);
  /// Kills those that are left; they stay incomplete.
  void kill();
  /// How many run under this scheduling policy.
  std::size_t with_policy(int policy) const;
  /// Reaps `pid` if it is one of ours; called by whoever reaps as pid 1.
  bool reaped(pid_t pid, int status);

  struct View {
    const WorkerReport* report;
    std::array<std::span<const std::uint64_t>, 2> samples;
    std::string exit;            ///< how it ended when it did not complete, else empty
    kvm::WorkerNumbers numbers;  ///< with the wait that the scenario's end cut short
  };
  std::vector<View> of_set(std::size_t set) const;  ///< empty when it never started

  /// What a set has done so far, for a mark.
  struct Progress {
    std::uint64_t iterations = 0, migrations = 0, run_delay_ns = 0;
    std::array<kvm::Buckets, 2> samples;  ///< of the work type's distributions
  };
  Progress progress(std::size_t set) const;
  /// Rounds that a set has done, without those of workers that only wake others.
  std::uint64_t rounds(std::size_t set) const;

 private:
  struct Worker {
    std::size_t set = 0, group = 0;
    std::size_t samples = 0, cells = 0,
                cell_count = 0;  ///< where its distributions and its group's cells begin
    std::uint32_t index_in_group = 0, index_in_set = 0;
    int read_fd = -1, write_fd = -1;
    int event_fd = -1;             ///< the group's first worker's is the group's
    pid_t pid = -1, process = -1;  ///< another one where it is a thread of a group's process
    bool running = false;
    int status = 0;
    std::uint64_t waiting_since_ns = 0,
                  run_delay_ns = 0;  ///< at the scenario's end; since 0: it was not waiting
  };
  struct Set {
    std::size_t first = 0, count = 0;  ///< its workers
    bool started = false;
  };
  struct Control {
    std::atomic<std::uint32_t> gate{0};
    std::atomic<std::uint32_t> stop{0};
    std::atomic<std::uint32_t> pauses{0};
    std::atomic<std::uint64_t> released_ns{0};
  };

  [[noreturn]] void work(std::size_t number);
  void be_worker(std::size_t number);
  std::uint32_t members(std::size_t first) const;
  std::string name_of(std::size_t set) const;
  void await_threads(std::size_t first);
  struct Sizes {
    std::uint64_t groups = 0, samples = 0, cells = 0;
  };
  Sizes lay_out();
  void open_pipes();
  void open_eventfds();
  void signal_until_ended(const std::function<bool()>& ended, const std::function<bool(const Worker&)>& which,
                          std::uint64_t patience_ms);
  void reap_children();
  bool any_running() const;
  bool any_running(std::size_t set) const;
  Control& control(std::size_t set) const;
  WorkerReport& report(std::size_t number) const;
  SampleRoom room(std::size_t number, std::size_t distribution) const;
  GroupShared& group(std::size_t number) const;
  View view(std::size_t number) const;
  kvm::Buckets buckets(std::size_t set, std::size_t distribution) const;

  const kvm::Scenario& scenario_;
  const std::uint64_t seed_, reservoir_;
  std::vector<Worker> workers_;
  std::vector<Set> sets_;
  std::uint64_t end_ns_ = 0;
  char* memory_ = nullptr;
  std::size_t memory_size_ = 0;
  char *controls_ = nullptr, *groups_ = nullptr, *reports_ = nullptr;
  std::uint64_t* samples_ = nullptr;
  std::atomic<std::uint64_t>* cells_ = nullptr;
};

/// "batch/3": the name that a worker's task has in the guest. At most 15 characters, so a long cgroup's name
/// loses its end; of a cgroup in another only the last name counts.
std::string worker_name(const std::string& cgroup, std::uint32_t index);

}  // namespace ktstr::agent
