// SPDX-License-Identifier: Apache-2.0
//
// The tasks of a guest that can no longer be asked, out of its memory.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "monitor/guest_ram.hpp"
#include "monitor/kernel_symbols.hpp"
#include "protocol/monitor_map.hpp"

namespace ktstr::kvm {

struct SeenTask {
  std::int64_t pid = 0;
  std::string name;   ///< as the guest has it: anything
  std::string state;  ///< "R", "S", "D", …
  /// Functions whose addresses lie on its kernel stack, innermost first. Some may be left over from earlier
  /// calls: no unwinder looks at it.
  std::vector<std::string> stack;
};

/// What looks like return addresses from there to the end of a kernel stack, which is 16 KiB and aligned.
std::vector<std::string> functions_on_stack(const AddressSpace& space, const KernelSymbols& symbols,
                                            std::uint64_t pointer);

/// Processes, in the kernel's order, at most `most`; those of the kernel itself only where they can run or
/// wait uninterruptibly. Empty with `problem` set when the kernel does not tell enough.
std::vector<SeenTask> read_guest_tasks(const AddressSpace& space, const MonitorMap& map,
                                       const KernelSymbols& symbols, std::size_t most, std::string& problem);

}  // namespace ktstr::kvm
