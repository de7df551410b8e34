// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "agent/spec.hpp"
#include "agent/telemetry.hpp"
#include "agent/work.hpp"

namespace ktstr::agent {

/// All workers of a scenario: processes that wait at a gate, work until told to stop, and leave their reports
/// in shared memory.
class Workers {
 public:
  explicit Workers(const Spec& spec);  ///< maps the shared memory; throws std::runtime_error when it cannot
  ~Workers();                          ///< kills what is left
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Forks every worker; `place` is called with each one's pid and cgroup index before any is released. False
  /// with `error` set.
  bool start(const std::function<bool(pid_t, std::size_t cgroup, std::string& error)>& place,
             std::string& error);
  void release();
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
    const std::uint64_t* latencies;
    std::string exit;                                  ///< how it ended when it did not complete, else empty
    std::uint64_t run_delay_ns = 0, wall_time_ns = 0;  ///< with the wait that the scenario's end cut short
    std::uint64_t max_gap_ns = 0, max_gap_at_ns = 0;
  };
  std::vector<View> of_cgroup(std::size_t cgroup) const;

 private:
  struct Worker {
    std::size_t cgroup = 0, group = 0;
    std::uint32_t index_in_group = 0, index_in_cgroup = 0;
    int read_fd = -1, write_fd = -1;
    pid_t pid = -1;
    bool running = false;
    int status = 0;
    std::uint64_t waiting_since_ns = 0,
                  run_delay_ns = 0;  ///< at the scenario's end; since 0: it was not waiting
  };
  struct Control {
    std::atomic<std::uint32_t> gate{0};
    std::atomic<std::uint32_t> stop{0};
    std::atomic<std::uint64_t> released_ns{0};
  };

  [[noreturn]] void work(std::size_t number);
  void reap_children();
  bool any_running() const;

  const Spec& spec_;
  std::vector<Worker> workers_;
  std::size_t groups_ = 0;
  std::uint64_t end_ns_ = 0;
  char* memory_ = nullptr;
  std::size_t memory_size_ = 0;
  Control* control_ = nullptr;
  GroupShared* group_shared_ = nullptr;
  WorkerReport* reports_ = nullptr;
  std::uint64_t* latencies_ = nullptr;
};

/// "batch/3": the name that a worker's task has in the guest. At most 15 characters, so a long cgroup's name
/// loses its end.
std::string worker_name(const std::string& cgroup, std::uint32_t index);

}  // namespace ktstr::agent
