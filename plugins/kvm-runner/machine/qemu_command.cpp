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

/// Nobody else runs where its vCPUs do.
bool has_own_cpus(const MachineRequest& request) { return request.host.real_time; }

// An Intel vendor makes QEMU show one L3 per die (AMD: per package); level 0xd keeps QEMU 10.0 from an
// assertion with several dies. In deterministic mode no random instruction may be left, nor anything else
// that differs between hosts.
std::string cpu_argument(const MachineRequest& request) {
  // A guest whose CPUs are its own is told so, and polls instead of giving them back.
  if (request.accelerator == Accelerator::kKvm)
    return has_own_cpus(request) ? "host,kvm-hint-dedicated=on" : "host";
  return "max,vendor=GenuineIntel,level=0xd,-rdrand,-rdseed";
}

/// As QEMU's options take a value: a comma in it is doubled.
std::string option_value(const std::filesystem::path& path) {
  std::string value;
  for (const char c : path.string()) value += c == ',' ? std::string(",,") : std::string(1, c);
  return value;
}

/// The smallest box that holds the topology: as many places on each socket, die and core as on the largest.
/// What is no CPU of it stays empty; the first of all is never.
std::string smp_argument(const Topology& t) {
  KTSTR_ASSERT(t.cpus() > 0 && t.sockets() > 0);  // the manifest's reader saw to it
  const std::string box =
      ",sockets=" + std::to_string(t.sockets()) + ",dies=" + std::to_string(t.most_llcs_of_a_node()) +
      ",cores=" + std::to_string(t.cores_per_llc) + ",threads=" + std::to_string(t.threads_per_core);
  if (!t.uneven()) return "cpus=" + std::to_string(t.cpus()) + box;
  return "cpus=1,maxcpus=" +
         std::to_string(t.sockets() * t.most_llcs_of_a_node() * t.cores_per_llc * t.threads_per_core) + box;
}

/// Every CPU but the first, which QEMU makes itself, by its place.
void add_cpus(const MachineRequest& request, std::vector<std::string>& arguments) {
  const Topology& t = request.topology;
  const std::string model = request.accelerator == Accelerator::kKvm ? "host" : "max";
  std::uint32_t socket = 0, llc = 0;
  for (std::uint32_t node = 0; node < t.numa_nodes; ++node) {
    for (std::uint32_t die = 0; die < t.llcs_in(node); ++die, ++llc) {
      for (std::uint32_t place = 0; place < t.cores_in(llc) * t.threads_in(llc); ++place) {
        if (socket == 0 && die == 0 && place == 0) continue;
        arguments.insert(arguments.end(),
                         {"-device", model + "-x86_64-cpu,socket-id=" + std::to_string(socket) +
                                         ",die-id=" + std::to_string(die) +
                                         ",core-id=" + std::to_string(place / t.threads_in(llc)) +
                                         ",thread-id=" + std::to_string(place % t.threads_in(llc))});
      }
    }
    socket += t.llcs_in(node) > 0 ? 1 : 0;
  }
  KTSTR_ASSERT(llc == t.llcs && socket == t.sockets());
}

/// A socket each for the nodes with CPUs, counted by the places for them.
void add_nodes(const Topology& t, std::vector<std::string>& arguments) {
  const std::uint32_t places = t.most_llcs_of_a_node() * t.cores_per_llc * t.threads_per_core;
  std::uint32_t first = 0, memories = 0;
  for (std::uint32_t node = 0; node < t.numa_nodes; ++node) {
    std::string has;
    if (t.llcs_in(node) > 0) {
      has = ",cpus=" + std::to_string(first) + "-" + std::to_string(first + places - 1);
      first += places;
    }
    if (t.memory_mib.empty() || t.memory_mib[node] > 0) has += ",memdev=ram" + std::to_string(memories++);
    arguments.insert(arguments.end(), {"-numa", "node,nodeid=" + std::to_string(node) + has});
  }
  for (std::uint32_t i = 0; i < t.distances.size(); ++i) {
    const std::uint32_t from = i / t.numa_nodes, to = i % t.numa_nodes;
    if (from == to) continue;
    arguments.insert(arguments.end(),
                     {"-numa", "dist,src=" + std::to_string(from) + ",dst=" + std::to_string(to) +
                                   ",val=" + std::to_string(t.distances[i])});
  }
}

}  // namespace

std::vector<std::uint64_t> node_memory(const MachineRequest& request) {
  constexpr std::uint64_t kMiB = 1ULL << 20;
  const std::uint64_t nodes = std::max<std::uint32_t>(request.topology.numa_nodes, 1);
  std::vector<std::uint64_t> sizes(nodes, std::max<std::uint64_t>(request.memory_mib / nodes, 64) * kMiB);
  if (!request.topology.memory_mib.empty()) sizes.clear();
  for (const std::uint32_t mib : request.topology.memory_mib) {
    if (mib > 0) sizes.push_back(mib * kMiB);
  }
  sizes.front() += kMailboxBytes;
  KTSTR_ASSERT(sizes.front() > kMailboxBytes);
  return sizes;
}

MailboxPlace mailbox_place(const MachineRequest& request) {
  return {std::min(node_memory(request).front(), kMailboxCeiling) - kMailboxBytes, kMailboxBytes};
}

// DAMON, which Linux 6.17 and later keep running, takes random pages and asks whether they were accessed. An
// emulated CPU tells so only when its translation buffer has lost the page, and QEMU sizes that by the wall
// clock: a guest in virtual time took one course or another by how busy the host was.
std::string kernel_command_line(const MachineRequest& request) {
  const MailboxPlace mailbox = mailbox_place(request);
  KTSTR_ASSERT(mailbox.address > 0 && mailbox.address + mailbox.size <= kMailboxCeiling);
  std::string line =
      "console=ttyS0 quiet loglevel=4 panic=-1 oops=panic no_timer_check random.trust_cpu=off "
      "mitigations=off damon_stat.enabled=0";
  line += " memmap=" + hex(mailbox.size) + "$" + hex(mailbox.address);
  // Places without a CPU are no CPUs that may come: who asks for the number of possible ones is told what is
  // there.
  if (request.topology.uneven()) line += " possible_cpus=" + std::to_string(request.topology.cpus());
  // The kernel knows no word for the opposite: who wants its addresses random says "kaslr".
  const auto& more = request.kernel_arguments;
  if (std::find(more.begin(), more.end(), "kaslr") == more.end()) line += " nokaslr";
  for (const std::string& argument : more) line += " " + argument;
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
    if (has_own_cpus(request)) add({"-overcommit", "cpu-pm=on"});  // no exit for HLT, PAUSE and MWAIT
  }
  add({"-seed", "42", "-rtc", "base=2024-01-01T00:00:00,clock=vm", "-cpu", cpu_argument(request), "-smp",
       smp_argument(t)});
  if (t.uneven()) add_cpus(request, arguments);
  const std::vector<std::uint64_t> nodes = node_memory(request);
  std::uint64_t total = 0;
  for (const std::uint64_t size : nodes) total += size;
  add({"-M", t.numa_nodes == 1 ? "q35,memory-backend=ram0" : "q35", "-m", std::to_string(total >> 20) + "M"});
  if (t.numa_nodes > 1) add_nodes(t, arguments);
  add({"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-device", "pvpanic"});
  return arguments;
}

std::vector<std::string> qemu_command(const std::string& qemu, const MachineRequest& request,
                                      const MachineFiles& files, const GuestMemory& memory, BootKind kind,
                                      const std::filesystem::path& kernel) {
  // Threads with names: whoever looks at one that runs sees which are vCPUs.
  std::vector<std::string> command = {qemu, "-name", "ktstr,debug-threads=on"};
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
