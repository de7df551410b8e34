// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "machine/guest_memory.hpp"
#include "machine/mailbox_view.hpp"
#include "monitor/kernel_symbols.hpp"

namespace ktstr::kvm {

/// Writes what the counter (tcg/symbols.hpp) has to know of this guest's kernel, out of the guest's memory.
/// Throws FileError where the kernel does not tell where its symbols are.
void write_symbols(const GuestMemory& memory, const MailboxView& mailbox, const std::filesystem::path& file);

/// One line for each function, by address: what it is to the one that was running before (f: called by it; e:
/// an entry from outside; r: the way back from one; s: switches stacks; p: no start, but a further part of
/// that function), where it is, its name. And where the list of BPF programs is: `list` is its address, 0
/// without one.
std::string symbols_text(const std::vector<KernelFunction>& functions, std::uint64_t list,
                         const MonitorMap& map);

}  // namespace ktstr::kvm
