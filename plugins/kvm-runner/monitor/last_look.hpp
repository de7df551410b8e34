// SPDX-License-Identifier: Apache-2.0
//
// A guest that ended without a result, or is about to be ended: what can be seen of it from outside.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/guest_tasks.hpp"
#include "monitor/sample.hpp"

namespace ktstr::kvm {

/// One virtual CPU as QEMU shows it.
struct VcpuRegisters {
  std::uint32_t cpu = 0;
  std::uint64_t instruction = 0, stack_pointer = 0;
  std::vector<std::string> lines;  ///< general registers and control registers, as QEMU prints them
  std::string function;            ///< of the kernel in which it is; empty: elsewhere
  std::vector<std::string> stack;  ///< see SeenTask::stack
};

struct LastLook {
  std::vector<VcpuRegisters> registers;
  std::string no_registers = "the guest's CPUs had ended by themselves";  ///< why there are none
  std::optional<Reading> queues;
  std::string no_queues;
  std::vector<SeenTask> tasks;
  std::string no_tasks;
};

/// What `info registers -a` of QEMU's monitor said.
std::vector<VcpuRegisters> parse_registers(std::string_view text);

/// Everything but the registers, which are given names where `look` has them. `cpus`: of the guest.
void look_at_memory(const GuestRam& ram, const MonitorMap& map, std::uint32_t cpus, LastLook& look);

}  // namespace ktstr::kvm
