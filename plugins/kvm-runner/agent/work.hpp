// SPDX-License-Identifier: Apache-2.0
//
// What workers do. Each function loops until `stopped()`; whoever blocks is woken by a signal (no SA_RESTART)
// at the end, so every blocking call is in a loop that looks at `stopped()`.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "agent/random.hpp"
#include "agent/telemetry.hpp"
#include "protocol/work_types.hpp"

namespace ktstr::agent {

/// Shared by the workers of one group (a pair, a messenger with its receivers, a whole set). All zeros at
/// first.
struct GroupShared {
  std::array<std::atomic<std::uint32_t>, 16>
      words;  ///< futexes; what each is for is the work type's business
  std::array<std::atomic<std::uint64_t>, kvm::kLargestGroup> stamps;  ///< when a member was last woken
  std::array<std::atomic<std::int32_t>, kvm::kLargestGroup> pids;     ///< of the members, once they run
  std::array<std::atomic<std::uint32_t>, kvm::kLargestGroup> bells;   ///< a futex of each member, see ring()
  std::array<std::atomic<std::uint32_t>, kvm::kLargestGroup> locks;   ///< of CPUs, see take()
  std::atomic<std::uint64_t> woken_at_ns;                             ///< when one last woke another
  std::atomic<std::uint64_t> answered_at_ns;  ///< when the last receiver woke the messenger
  std::atomic<bool> pages_counted;            ///< of threads, whose memory is one: by who ends first
  int futex_scope;                            ///< FUTEX_PRIVATE_FLAG where the members are threads
};

struct WorkContext {
  const kvm::Work& work;
  const std::atomic<std::uint32_t>& stop;
  GroupShared& group;
  std::span<std::atomic<std::uint64_t>>
      cells;  ///< what the work type shares beside it (WorkType::cells), zeros at first
  std::uint32_t group_in_set = 0;
  std::uint32_t index_in_group = 0;
  std::uint32_t group_size = 1;
  int read_fd = -1, write_fd = -1;  ///< WorkType::pipes: from the previous and to the next of the group
  int event_fd = -1;                ///< WorkType::eventfd: non-blocking, counts down by one
  Telemetry& telemetry;
  Random& random;

  bool stopped() const { return stop.load(std::memory_order_relaxed) != 0; }
};

using WorkFunction = void (*)(WorkContext&);

/// The function of a work type, or null when the agent has none (a test makes sure that this does not
/// happen).
WorkFunction work_function(std::string_view type);

/// Does `units` of work with a checkpoint every 1024.
void spin(WorkContext& context, std::uint64_t units);

}  // namespace ktstr::agent
