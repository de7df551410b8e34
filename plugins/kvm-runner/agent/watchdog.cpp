// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "agent/watchdog.hpp"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <optional>
#include <vector>

#include "agent/bpf_call.hpp"
#include "agent/btf.hpp"
#include "agent/files.hpp"

namespace ktstr::agent {
namespace {

constexpr std::int32_t kDi = 112,
                       kSi = 104;  // of struct pt_regs on x86-64: the system call's first two arguments

/// Where things lie in this kernel.
struct Layout {
  std::uint32_t files, table, descriptors, private_data, map_type, value_type, ops_type, timeout;
};

std::optional<Layout> read_layout() {
  const std::string bytes = read_text("/sys/kernel/btf/vmlinux", 64U << 20U);
  const Btf btf(bytes, {"task_struct", "files_struct", "fdtable", "file", "bpf_map", "sched_ext_ops",
                        "bpf_struct_ops_sched_ext_ops"});
  const auto files = btf.member_offset("task_struct", "files"),
             table = btf.member_offset("files_struct", "fdt");
  const auto descriptors = btf.member_offset("fdtable", "fd"),
             data = btf.member_offset("file", "private_data");
  const auto map_type = btf.member_offset("bpf_map", "map_type"),
             value_type = btf.member_offset("bpf_map", "btf_vmlinux_value_type_id");
  const auto ops_type = btf.struct_id("bpf_struct_ops_sched_ext_ops");
  const auto ops = btf.member_offset("bpf_struct_ops_sched_ext_ops", "data"),
             timeout = btf.member_offset("sched_ext_ops", "timeout_ms");
  if (!files || !table || !descriptors || !data || !map_type || !value_type || !ops_type || !ops || !timeout)
    return std::nullopt;
  return Layout{*files, *table, *descriptors, *data, *map_type, *value_type, *ops_type, *ops + *timeout};
}

/// A BPF program in the making. Registers are numbers, places are offsets from the frame pointer.
class Assembler {
 public:
  void load(std::uint8_t to, std::uint8_t from, std::int16_t offset) {
    add(BPF_LDX | BPF_MEM | BPF_DW, to, from, offset, 0);
  }
  void load_u32(std::uint8_t to, std::uint8_t from, std::int16_t offset) {
    add(BPF_LDX | BPF_MEM | BPF_W, to, from, offset, 0);
  }
  void store_u32(std::int16_t place, std::uint32_t value) {
    add(BPF_ST | BPF_MEM | BPF_W, kFrame, 0, place, static_cast<std::int32_t>(value));
  }
  void copy(std::uint8_t to, std::uint8_t from) { add(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0); }
  void plus(std::uint8_t to, std::uint32_t number) {
    add(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, static_cast<std::int32_t>(number));
  }
  void plus_register(std::uint8_t to, std::uint8_t from) { add(BPF_ALU64 | BPF_ADD | BPF_X, to, from, 0, 0); }
  void set(std::uint8_t to, std::int32_t number) { add(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, number); }
  void shift_left(std::uint8_t to, std::int32_t bits) { add(BPF_ALU64 | BPF_LSH | BPF_K, to, 0, 0, bits); }
  void call(std::int32_t function) { add(BPF_JMP | BPF_CALL, 0, 0, 0, function); }
  /// Leaves the program when register and number compare like that (BPF_JNE, BPF_JEQ, …).
  void leave_if(std::uint8_t comparison, std::uint8_t which, std::int32_t number) {
    leaves_.push_back(code_.size());
    add(static_cast<std::uint8_t>(BPF_JMP | comparison | BPF_K), which, 0, 0, number);
  }
  void skip_one_if_equal(std::uint8_t which, std::int32_t number) {
    add(BPF_JMP | BPF_JEQ | BPF_K, which, 0, 1, number);
  }
  /// Reads `size` bytes at (register + offset) to `place`.
  void read(std::int32_t helper, std::int16_t place, std::int32_t size, std::uint8_t base,
            std::uint32_t offset) {
    copy(3, base);
    plus(3, offset);
    copy(1, kFrame);
    plus(1, static_cast<std::uint32_t>(place));
    set(2, size);
    call(helper);
  }
  std::vector<bpf_insn> finish() {
    KTSTR_ASSERT(code_.size() <= INT16_MAX);  // how far an instruction jumps
    for (const std::size_t at : leaves_) code_[at].off = static_cast<std::int16_t>(code_.size() - at - 1);
    set(0, 0);
    add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    return code_;
  }
  static constexpr std::uint8_t kFrame = 10;

 private:
  void add(std::uint8_t code, std::uint8_t to, std::uint8_t from, std::int16_t offset, std::int32_t number) {
    bpf_insn instruction{};
    instruction.code = code;
    instruction.dst_reg = to & 0xfU;
    instruction.src_reg = from & 0xfU;
    instruction.off = offset;
    instruction.imm = number;
    code_.push_back(instruction);
  }
  std::vector<bpf_insn> code_;
  std::vector<std::size_t> leaves_;
};

/// At the entrance of every system call: bpf(BPF_MAP_UPDATE_ELEM) on a map that holds a sched_ext_ops is the
/// one we mean.
std::vector<bpf_insn> program(const Layout& layout, std::uint32_t milliseconds, bool always) {
  constexpr std::int32_t kKernel = BPF_FUNC_probe_read_kernel, kUser = BPF_FUNC_probe_read_user;
  constexpr std::int16_t kWord = -8, kSmall = -16, kAttributes = -48, kDescriptor = -48, kValue = -32;
  Assembler a;
  a.load(7, 1, 8);  // the system call's number, then its registers
  a.load(6, 1, 0);
  a.leave_if(BPF_JNE, 7, SYS_bpf);
  a.read(kKernel, kWord, 8, 6, kDi);
  a.load(7, Assembler::kFrame, kWord);
  a.leave_if(BPF_JNE, 7, BPF_MAP_UPDATE_ELEM);
  a.read(kKernel, kWord, 8, 6, kSi);
  a.load(7, Assembler::kFrame, kWord);
  a.read(kUser, kAttributes, 32, 7, 0);
  a.load(9, Assembler::kFrame, kValue);
  a.call(BPF_FUNC_get_current_task);
  a.copy(8, 0);
  for (const std::uint32_t step : {layout.files, layout.table, layout.descriptors}) {
    a.read(kKernel, kWord, 8, 8, step);
    a.load(8, Assembler::kFrame, kWord);
  }
  a.load_u32(7, Assembler::kFrame, kDescriptor);
  a.shift_left(7, 3);
  a.plus_register(8, 7);
  for (const std::uint32_t step : {0U, layout.private_data}) {
    a.read(kKernel, kWord, 8, 8, step);
    a.load(8, Assembler::kFrame, kWord);
    a.leave_if(BPF_JEQ, 8, 0);
  }
  const std::pair<std::uint32_t, std::uint32_t> checks[] = {{layout.map_type, BPF_MAP_TYPE_STRUCT_OPS},
                                                            {layout.value_type, layout.ops_type}};
  for (const auto& [offset, wanted] : checks) {
    a.read(kKernel, kSmall, 4, 8, offset);
    a.load_u32(7, Assembler::kFrame, kSmall);
    a.leave_if(BPF_JNE, 7, static_cast<std::int32_t>(wanted));
  }
  if (!always) {
    a.read(kUser, kSmall, 4, 9, layout.timeout);
    a.load_u32(7, Assembler::kFrame, kSmall);
    a.skip_one_if_equal(7, 0);
    a.leave_if(BPF_JLE, 7, static_cast<std::int32_t>(milliseconds));
  }
  a.store_u32(kSmall, milliseconds);
  a.copy(1, 9);
  a.plus(1, layout.timeout);
  a.copy(2, Assembler::kFrame);
  a.plus(2, static_cast<std::uint32_t>(kSmall));
  a.set(3, 4);
  a.call(BPF_FUNC_probe_write_user);
  return a.finish();
}

std::uint64_t address(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

}  // namespace

Watchdog::~Watchdog() {
  if (attached_ >= 0) ::close(attached_);
  if (program_ >= 0) ::close(program_);
}

std::string Watchdog::limit(std::uint32_t milliseconds, bool always) {
  const std::optional<Layout> layout = read_layout();
  if (!layout) return "the kernel's type information lacks something that is needed";
  const std::vector<bpf_insn> code = program(*layout, milliseconds, always);
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
  load.insns = address(code.data());
  load.insn_cnt = static_cast<std::uint32_t>(code.size());
  load.license = address("Dual BSD/GPL");
  std::strncpy(load.prog_name, "ktstr_watchdog", sizeof load.prog_name - 1);
  program_ = bpf_call(BPF_PROG_LOAD, load);
  if (program_ < 0) return "the kernel does not take the program: " + std::string(std::strerror(errno));
  bpf_attr attach{};
  attach.raw_tracepoint.name = address("sys_enter");
  attach.raw_tracepoint.prog_fd = static_cast<std::uint32_t>(program_);
  attached_ = bpf_call(BPF_RAW_TRACEPOINT_OPEN, attach);
  return attached_ >= 0 ? std::string()
                        : "system calls cannot be traced: " + std::string(std::strerror(errno));
}

}  // namespace ktstr::agent
