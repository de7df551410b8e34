// SPDX-License-Identifier: Apache-2.0
//
// QEMU's command line for one machine. Everything in it that decides the guest's state is part of a
// template's key.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "machine/guest_memory.hpp"
#include "machine/machine.hpp"

namespace ktstr::kvm {

/// Where the mailbox lies in guest-physical memory: at the end of the first NUMA node, below the hole under 4
/// GiB.
struct MailboxPlace {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};

/// Memory of each NUMA node that has any, in bytes; the first one holds the mailbox on top of its share.
std::vector<std::uint64_t> node_memory(const MachineRequest& request);
MailboxPlace mailbox_place(const MachineRequest& request);

/// Files of one QEMU process, all in its scratch directory; `ram` only in a saved guest, see GuestMemory.
struct MachineFiles {
  explicit MachineFiles(std::filesystem::path scratch) : directory(std::move(scratch)) {}
  std::filesystem::path directory;
  std::filesystem::path ram(std::size_t node) const { return directory / ("ram" + std::to_string(node)); }
  std::filesystem::path state() const { return directory / "state.qcow2"; }
  std::filesystem::path socket() const { return directory / "qmp"; }
  std::filesystem::path console() const { return directory / "console"; }
  std::filesystem::path errors() const { return directory / "qemu.log"; }
  std::filesystem::path initramfs() const { return directory / "initramfs"; }
  std::filesystem::path symbols() const { return directory / "symbols"; }  ///< what the counter reads
  std::filesystem::path counts() const { return directory / "counts"; }    ///< and what it writes
};

/// Every QEMU starts paused and goes on at QMP's `cont`.
enum class BootKind {
  kCold,      ///< boot and run
  kTemplate,  ///< boot, pause when ready, save the state
  kRestore,   ///< load the state
  kAttach,    ///< load the state, pause when the scheduler is attached, save the state
};

/// What the guest kernel is told.
std::string kernel_command_line(const MachineRequest& request);

/// Accelerator, CPU, topology, memory and devices, without file names: the part that a template depends on.
std::vector<std::string> machine_arguments(const MachineRequest& request);

/// The whole command.
std::vector<std::string> qemu_command(const std::string& qemu, const MachineRequest& request,
                                      const MachineFiles& files, const GuestMemory& memory, BootKind kind,
                                      const std::filesystem::path& kernel);
/// What is added to it for a guest whose kernel is counted: QEMU's plugin for it.
std::vector<std::string> counter_arguments(const std::filesystem::path& counter,
                                           const MachineRequest& request, const MachineFiles& files,
                                           const GuestMemory& memory);

}  // namespace ktstr::kvm
