// SPDX-License-Identifier: Apache-2.0
#include "machine/qemu_command.hpp"

#include <algorithm>
#include <cstddef>
#include <ktstr/kit/assert.hpp>

#include "monitor/sample_stops.hpp"

namespace ktstr::kvm {
namespace {

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// An Intel vendor makes QEMU show one L3 per die (AMD: per package); level 0xd keeps QEMU 10.0 from an
// assertion with several dies. In deterministic mode no random instruction may be left, nor anything else
// that differs between hosts.
std::string cpu_argument(const MachineRequest& request) {
  if (request.accelerator == Accelerator::kKvm) return "host";
  return "max,vendor=GenuineIntel,level=0xd,-rdrand,-rdseed";
}

/// As QEMU's options take a value: a comma in it is doubled.
std::string option_value(const std::filesystem::path& path) {
  std::string value;
  for (const char c : path.string()) value += c == ',' ? std::string(",,") : std::string(1, c);
  return value;
}

}  // namespace

std::string Topology::text() const {
  return std::to_string(numa_nodes) + "n" + std::to_string(llcs) + "l" + std::to_string(cores_per_llc) + "c" +
         std::to_string(threads_per_core) + "t";
}

std::vector<std::uint64_t> node_memory(const MachineRequest& request) {
  constexpr std::uint64_t kMiB = 1ULL << 20;
  const std::uint64_t nodes = std::max<std::uint32_t>(request.topology.numa_nodes, 1);
  std::vector<std::uint64_t> sizes(nodes, std::max<std::uint64_t>(request.memory_mib / nodes, 64) * kMiB);
  sizes.front() += kMailboxBytes;
  KTSTR_ASSERT(sizes.front() > kMailboxBytes);
  return sizes;
}

MailboxPlace mailbox_place(const MachineRequest& request) {
  return {std::min(node_memory(request).front(), kMailboxCeiling) - kMailboxBytes, kMailboxBytes};
}

std::string kernel_command_line(const MachineRequest& request) {
  const MailboxPlace mailbox = mailbox_place(request);
  KTSTR_ASSERT(mailbox.address > 0 && mailbox.address + mailbox.size <= kMailboxCeiling);
  std::string line =
      "console=ttyS0 quiet loglevel=4 panic=-1 oops=panic nokaslr no_timer_check random.trust_cpu=off "
      "mitigations=off";
  line += " memmap=" + hex(mailbox.size) + "$" + hex(mailbox.address);
  for (const std::string& argument : request.kernel_arguments) line += " " + argument;
  return line;
}

std::vector<std::string> machine_arguments(const MachineRequest& request) {
  const Topology& t = request.topology;
  std::vector<std::string> arguments;
  const auto add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
  if (request.deterministic) {
    add({"-accel", "tcg,thread=single", "-icount", "shift=1,sleep=off"});
  } else if (request.accelerator == Accelerator::kTcg) {
    add({"-accel", "tcg,thread=multi"});
  } else {
    add({"-accel", "kvm"});
  }
  add({"-seed", "42", "-rtc", "base=2024-01-01T00:00:00,clock=vm", "-cpu", cpu_argument(request), "-smp",
       "cpus=" + std::to_string(t.cpus()) + ",sockets=" + std::to_string(t.numa_nodes) +
           ",dies=" + std::to_string(t.llcs / t.numa_nodes) + ",cores=" + std::to_string(t.cores_per_llc) +
           ",threads=" + std::to_string(t.threads_per_core)});
  KTSTR_ASSERT(t.numa_nodes > 0 && t.llcs % t.numa_nodes == 0 &&
               t.cpus() > 0);  // the manifest's reader saw to it
  const std::vector<std::uint64_t> nodes = node_memory(request);
  std::uint64_t total = 0;
  for (const std::uint64_t size : nodes) total += size;
  add({"-M", nodes.size() == 1 ? "q35,memory-backend=ram0" : "q35", "-m", std::to_string(total >> 20) + "M"});
  if (nodes.size() > 1) {
    const std::uint32_t per_node = t.cpus() / t.numa_nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::string first = std::to_string(i * per_node), last = std::to_string((i + 1) * per_node - 1);
      add({"-numa", "node,nodeid=" + std::to_string(i) + ",cpus=" + first + "-" + last + ",memdev=ram" +
                        std::to_string(i)});
    }
  }
  add({"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-device", "pvpanic"});
  return arguments;
}

std::vector<std::string> qemu_command(const std::string& qemu, const MachineRequest& request,
                                      const MachineFiles& files, const GuestMemory& memory, BootKind kind,
                                      const std::filesystem::path& kernel) {
  std::vector<std::string> command = {qemu};
  const auto add = [&](std::initializer_list<std::string> more) { command.insert(command.end(), more); };
  KTSTR_ASSERT(memory.nodes() == node_memory(request).size());
  const std::vector<std::uint64_t> nodes = node_memory(request);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    add({"-object", "memory-backend-file,id=ram" + std::to_string(i) +
                        ",size=" + std::to_string(nodes[i] >> 20) + "M,mem-path=" + memory.path(i).string() +
                        ",share=on"});
  }
  const std::vector<std::string> machine = machine_arguments(request);
  command.insert(command.end(), machine.begin(), machine.end());
  add({"-serial", "file:" + files.console().string()});
  const bool to_be_saved = kind == BootKind::kTemplate || kind == BootKind::kAttach;
  if (!to_be_saved) command.insert(command.end(), request.attachments.begin(), request.attachments.end());
  if (request.deterministic) {
    const std::vector<std::string> stops = SampleStops::devices(to_be_saved ? nullptr : &files.directory);
    command.insert(command.end(), stops.begin(), stops.end());
  }
  add({"-S", "-qmp", "unix:" + files.socket().string() + ",server=on,wait=off"});
  if (kind == BootKind::kCold || kind == BootKind::kTemplate) {
    add({"-kernel", kernel.string(), "-initrd", files.initramfs().string(), "-append",
         kernel_command_line(request)});
  }
  if (kind != BootKind::kCold)
    add({"-drive", "if=none,id=state,format=qcow2,file=" + files.state().string()});
  // Only a guest that is to be saved pokes the pvpanic port (Debian's driver for it is a module that no guest
  // of ours loads).
  add({"-action", to_be_saved ? "panic=pause" : "panic=shutdown"});
  return command;
}

std::vector<std::string> counter_arguments(const std::filesystem::path& counter,
                                           const MachineRequest& request, const MachineFiles& files,
                                           const GuestMemory& memory) {
  const std::uint64_t stage = mailbox_place(request).address + offsetof(MailboxHeader, stage);
  return {"-plugin", "file=" + option_value(counter) + ",ram=" + option_value(memory.path(0)) +
                         ",stage=" + std::to_string(stage) + ",symbols=" + option_value(files.symbols()) +
                         ",out=" + option_value(files.counts())};
}

}  // namespace ktstr::kvm
