// SPDX-License-Identifier: Apache-2.0
//
// What workers do. Each function loops until `stop` is set; whoever blocks is woken by a signal (no
// SA_RESTART) at the end.
#pragma once
#include <atomic>
#include <cstdint>

#include "agent/spec.hpp"
#include "agent/telemetry.hpp"

namespace ktstr::agent {

/// Shared by the workers of one group (a pair, or a messenger with its receivers).
struct GroupShared {
  std::atomic<std::uint32_t> word{0};            ///< whose turn it is, or the messenger's generation
  std::atomic<std::uint32_t> answers{0};         ///< receivers that have handled the current generation
  std::atomic<std::uint64_t> woken_at_ns{0};     ///< when one last woke another
  std::atomic<std::uint64_t> answered_at_ns{0};  ///< when the last receiver woke the messenger
};

struct WorkContext {
  const CgroupSpec& cgroup;
  const std::atomic<std::uint32_t>& stop;
  GroupShared& group;
  std::uint32_t index_in_group = 0;
  std::uint32_t group_size = 1;
  int read_fd = -1, write_fd = -1;  ///< PipeIo: from and to the partner
  Telemetry& telemetry;
  Random& random;
};

using WorkFunction = void (*)(WorkContext&);

/// The function of a work type, or null when the agent has none (a test makes sure that this does not
/// happen).
WorkFunction work_function(std::string_view type);

/// Does `units` of work with a checkpoint every 1024.
void spin(WorkContext& context, std::uint64_t units);

}  // namespace ktstr::agent
