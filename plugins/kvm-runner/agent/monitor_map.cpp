// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "agent/monitor_map.hpp"

#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/io.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <string>
#include <vector>

#include "agent/bpf_call.hpp"
#include "agent/btf.hpp"
#include "agent/files.hpp"

namespace ktstr::agent {
namespace {

std::uint64_t hexadecimal(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

/// Asks the kernel itself, by a BPF program: /proc/kallsyms has 200,000 lines, which take an emulated guest
/// two seconds.
class SymbolFinder {
 public:
  SymbolFinder() {
    constexpr std::uint8_t kFrame = 10, kContext = 6;
    std::vector<bpf_insn> code = {{BPF_ALU64 | BPF_MOV | BPF_X, kContext, 1, 0, 0}};
    for (std::int16_t at = 0; at < kNameBytes; at += 8) {
      code.push_back({BPF_LDX | BPF_MEM | BPF_DW, 1, kContext, at, 0});
      code.push_back({BPF_STX | BPF_MEM | BPF_DW, kFrame, 1, static_cast<std::int16_t>(at - kNameBytes), 0});
    }
    const bpf_insn rest[] = {{BPF_ST | BPF_MEM | BPF_DW, kFrame, 0, -kNameBytes - 8, 0},
                             {BPF_ALU64 | BPF_MOV | BPF_X, 1, kFrame, 0, 0},
                             {BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, -kNameBytes},
                             {BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, kNameBytes},
                             {BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0},
                             {BPF_ALU64 | BPF_MOV | BPF_X, 4, kFrame, 0, 0},
                             {BPF_ALU64 | BPF_ADD | BPF_K, 4, 0, 0, -kNameBytes - 8},
                             {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_kallsyms_lookup_name},
                             {BPF_LDX | BPF_MEM | BPF_DW, 1, kFrame, -kNameBytes - 8, 0},
                             {BPF_STX | BPF_MEM | BPF_DW, kContext, 1, kNameBytes, 0},
                             {BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
                             {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    code.insert(code.end(), std::begin(rest), std::end(rest));
    bpf_attr load{};
    load.prog_type = BPF_PROG_TYPE_SYSCALL;
    load.prog_flags = BPF_F_SLEEPABLE;
    load.insns = reinterpret_cast<std::uintptr_t>(code.data());
    load.insn_cnt = static_cast<std::uint32_t>(code.size());
    load.license = reinterpret_cast<std::uintptr_t>("Dual BSD/GPL");
    program_ = bpf_call(BPF_PROG_LOAD, load);
  }
  ~SymbolFinder() {
    if (program_ >= 0) ::close(program_);
  }
  SymbolFinder(const SymbolFinder&) = delete;
  SymbolFinder& operator=(const SymbolFinder&) = delete;

  std::uint64_t find(std::string_view name) const {
    struct {
      char name[kNameBytes] = {};
      std::uint64_t address = kvm::kNoSymbol;
    } context;
    KTSTR_ASSERT(name.size() < sizeof context.name);
    name.copy(context.name, sizeof context.name - 1);
    bpf_attr run{};
    run.test.prog_fd = static_cast<std::uint32_t>(program_);
    run.test.ctx_in = reinterpret_cast<std::uintptr_t>(&context);
    run.test.ctx_size_in = sizeof context;
    return bpf_call(BPF_PROG_TEST_RUN, run) == 0 ? context.address : kvm::kNoSymbol;
  }

 private:
  static constexpr std::int16_t kNameBytes = 32;
  int program_ = -1;
};

/// Those of sched_ext only where the kernel has it: the search for what is not there is the longest.
void find_symbols(kvm::MonitorMap& map) {
  const bool sched_ext = map.fields[kvm::monitor_field("rq", "scx")] != kvm::kNoField;
  const SymbolFinder finder;
  for (std::size_t i = 0; i < kvm::kMonitorSymbols.size(); ++i) {
    const bool scx = i >= kvm::monitor_symbol("scx_root");
    if (!scx || sched_ext) map.symbols[i] = finder.find(kvm::kMonitorSymbols[i]);
  }
}

/// In one buffer that ends as zeros: such pages are no part of a template.
void read_fields(kvm::MonitorMap& map) {
  constexpr off_t kMostBytes = 64 << 20;
  const int fd = ::open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd >= 0 && ::fstat(fd, &info) == 0 && info.st_size > 0 && info.st_size <= kMostBytes) {
    std::vector<char> bytes(static_cast<std::size_t>(info.st_size));
    std::size_t size = 0;
    for (ssize_t n = 0;
         size < bytes.size() && (n = ::read(fd, bytes.data() + size, bytes.size() - size)) > 0;)
      size += static_cast<std::size_t>(n);
    take_fields({bytes.data(), size}, map);
    ::explicit_bzero(bytes.data(), bytes.size());
  }
  ::close(fd);
}

}  // namespace

std::uint64_t kernel_code_start(std::string_view iomem) {
  const std::size_t at = iomem.find(" : Kernel code");
  if (at == std::string_view::npos) return 0;
  const std::size_t line = iomem.rfind('\n', at) + 1;
  const std::size_t begin = iomem.find_first_not_of(' ', line);
  return begin < at ? hexadecimal(iomem.substr(begin, at - begin)) : 0;
}

void take_fields(std::string_view bytes, kvm::MonitorMap& map) {
  std::vector<std::string_view> names;
  for (const kvm::MonitorField& field : kvm::kMonitorFields) names.push_back(field.structure);
  const Btf btf(bytes, names);
  for (std::size_t i = 0; i < kvm::kMonitorFields.size(); ++i)
    map.fields[i] = btf.member_offset(kvm::kMonitorFields[i].structure, kvm::kMonitorFields[i].member)
                        .value_or(kvm::kNoField);
}

void write_monitor_map(const Mailbox& mailbox) {
  kvm::MonitorMap map;
  map.fields.fill(kvm::kNoField);
  map.code_start = kernel_code_start(read_text("/proc/iomem", 64 << 10));
  read_fields(map);
  find_symbols(map);
  map.magic = kvm::kMonitorMapMagic;
  std::memcpy(mailbox.base + kvm::kMonitorMapOffset, &map, sizeof map);
}

SampleStop::SampleStop(const Mailbox& mailbox)
    : open_(mailbox.header->stop_to_sample != 0 && ::ioperm(kvm::kSamplePort, 2, 1) == 0) {}

void SampleStop::stop() {
  if (!open_) return;
  ::outb(0, static_cast<unsigned short>(kvm::kSamplePort + turn_));
  turn_ ^= 1U;
}

}  // namespace ktstr::agent
