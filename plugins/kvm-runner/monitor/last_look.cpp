// SPDX-License-Identifier: Apache-2.0
#include "monitor/last_look.hpp"

#include <charconv>
#include <ktstr/kit/text.hpp>

#include "monitor/run_queues.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::size_t kLookCpus = 64, kLookTasks = 64, kLinesOfCpu = 12;
constexpr std::uint64_t kKernel = 1ULL << 63U;

/// The hexadecimal number behind "RIP=" and the like.
void take(std::string_view line, std::string_view name, std::uint64_t& value) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return;
  std::from_chars(line.data() + at + name.size(), line.data() + line.size(), value, 16);
}

}  // namespace

std::vector<VcpuRegisters> parse_registers(std::string_view text) {
  std::vector<VcpuRegisters> all;
  for (const std::string& whole : kit::lines(text)) {
    const std::string_view line = without_margins(whole);
    if (line.starts_with("CPU#")) {
      if (all.size() >= kLookCpus) break;
      VcpuRegisters& cpu = all.emplace_back();
      std::from_chars(line.data() + 4, line.data() + line.size(), cpu.cpu);
      continue;
    }
    const bool shown = line.starts_with('R') || line.starts_with("CR0=");  // RAX= … R15=, RIP=
    if (all.empty() || !shown || all.back().lines.size() >= kLinesOfCpu) continue;
    take(line, "RIP=", all.back().instruction);
    take(line, "RSP=", all.back().stack_pointer);
    all.back().lines.push_back(printable_start(line, 200));
  }
  return all;
}

void look_at_memory(const GuestRam& ram, const MonitorMap& map, std::uint32_t cpus, LastLook& look) {
  const std::optional<RunQueues> queues = RunQueues::find(ram, map, cpus, look.no_queues);
  if (!queues) {
    look.no_tasks = look.no_queues;
    return;
  }
  look.queues = queues->read();
  if (!look.queues->readable) {
    look.queues.reset();
    look.no_queues = "an address of the kernel's led nowhere";
  }
  const AddressSpace space = kernel_space(ram, map);
  const KernelSymbols symbols(space, map.symbols[monitor_symbol("vmcoreinfo_data")]);
  look.tasks = read_guest_tasks(space, map, symbols, kLookTasks, look.no_tasks);
  for (VcpuRegisters& cpu : look.registers) {
    if (std::optional<std::string> name = symbols.function_at(cpu.instruction)) cpu.function = *name;
    if (cpu.stack_pointer >= kKernel) cpu.stack = functions_on_stack(space, symbols, cpu.stack_pointer);
  }
}

}  // namespace ktstr::kvm
