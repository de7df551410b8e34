// SPDX-License-Identifier: Apache-2.0
#include "machine/counter_symbols.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "machine/files.hpp"
#include "monitor/run_queues.hpp"

namespace ktstr::kvm {
namespace {

std::string hex_digits(std::uint64_t value) {
  char text[20];
  return {text, std::to_chars(text, text + sizeof text, value, 16).ptr};
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

struct SymbolPart {
  char kind = 'f';
  std::string_view name;
};

/// By the names that arch/x86/entry gives its entries since Linux 5.8; what is not known by name is a
/// function like any other, and an interrupt that came in by it would seem to be called by what it
/// interrupted.
SymbolPart part_of_symbol(std::string_view name) {
  constexpr std::string_view kCold = ".cold", kSyscall = "entry_SYSCALL_64";
  if (name.ends_with(kCold)) return {'p', name.substr(0, name.size() - kCold.size())};
  if (name == "__switch_to_asm") return {'s', name};
  if (name.starts_with(kSyscall) && name != kSyscall && !name.ends_with("_compat")) return {'p', kSyscall};
  if (starts_with_any(name, {"error_return", "common_interrupt_return", "native_irq_return_",
                             "restore_regs_and_", "swapgs_restore_regs_", "entry_SYSRETQ_"}))
    return {'r', name};
  if (starts_with_any(name,
                      {"asm_", "entry_", "irq_entries_start", "spurious_entries_start", "ret_from_fork"}))
    return {'e', name};
  return {'f', name};
}

}  // namespace

std::string symbols_text(const std::vector<KernelFunction>& functions, std::uint64_t list,
                         const MonitorMap& map) {
  std::string text;
  const auto field = [&](std::string_view member) { return map.fields[monitor_field("bpf_ksym", member)]; };
  const std::array<std::uint32_t, 4> fields = {field("lnode"), field("start"), field("end"), field("name")};
  if (list != 0 && std::find(fields.begin(), fields.end(), kNoField) == fields.end()) {
    text = "bpf " + hex_digits(list);
    for (const std::uint32_t offset : fields) text += ' ' + hex_digits(offset);
    text += '\n';
  }
  for (const KernelFunction& function : functions) {
    const bool one_word = function.name.find_first_of(" \n") == std::string::npos;
    const SymbolPart part = part_of_symbol(function.name);
    if (one_word && !part.name.empty())
      text += std::string(1, part.kind) + ' ' + hex_digits(function.address) + ' ' + std::string(part.name) +
              '\n';
  }
  return text;
}

void write_symbols(const GuestMemory& memory, const MailboxView& mailbox, const std::filesystem::path& file) {
  const GuestRam ram(memory);
  const MonitorMap map = mailbox.monitor_map();
  const KernelSymbols symbols(kernel_space(ram, map), map.symbols[monitor_symbol("vmcoreinfo_data")]);
  if (symbols.empty())
    throw FileError(
        "instructions cannot be counted by function: this kernel does not tell where its symbols are",
        "run it without --cost, or take a kernel with CONFIG_KALLSYMS_ALL and CONFIG_VMCORE_INFO (Linux "
        "6.0)");
  write_file_atomically(file, symbols_text(symbols.functions(), symbols.address_of("bpf_kallsyms"), map));
}

}  // namespace ktstr::kvm
