// SPDX-License-Identifier: Apache-2.0
//
// A plugin of QEMU's emulator that counts the instructions of a guest's kernel, by function and by way of
// calling it, while a scenario runs. It changes nothing of what the guest does.
//
// Arguments: ram=FILE (the guest's first memory), stage=OFFSET of the agent's stage in it, symbols=FILE,
// out=FILE.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <ktstr/kit/assert.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/mailbox.hpp"
#include "tcg/call_tree.hpp"
#include "tcg/qemu_api.hpp"
#include "tcg/symbols.hpp"

namespace ktstr::cost {
namespace {

constexpr std::uint64_t kKernelHalf = 1ULL << 63U;

/// What a callback is told.
struct Landing {
  FunctionId function = kNoFunction;
  FunctionKind kind = FunctionKind::kPlain;
  bool at_start = false;
};

enum class Phase { kBefore, kCounting, kOver };

struct Counter {
  std::string ram, symbols_file, out;
  std::uint64_t stage_offset = 0;
  const std::uint32_t* stage = nullptr;
  qemu_plugin_register* stack_pointer = nullptr;
  GByteArray* buffer = nullptr;
  std::size_t cpus = 0;
  std::unique_ptr<CallTree> tree;
  Symbols symbols;
  bool ready = false, broken = false;
  Phase phase = Phase::kBefore;
  std::deque<Landing> landings;  ///< never moved: translated code has their addresses

  // What changes with every block.
  std::uint64_t insns = 0;                          ///< of the kernel, not yet attributed
  void* running = nullptr;                          ///< QEMU's name of the CPU that executed them
  FunctionId function = kNoFunction;                ///< in which it is
  std::vector<std::pair<void*, FunctionId>> known;  ///< of all CPUs that have been seen
};

Counter counter;

bool read_guest(std::uint64_t address, void* to, std::size_t size) {
  g_byte_array_set_size(counter.buffer, 0);
  if (!qemu_plugin_read_memory_vaddr(address, counter.buffer, size) || counter.buffer->len < size)
    return false;
  std::memcpy(to, counter.buffer->data, size);
  return true;
}

std::uint64_t stack_pointer() {
  g_byte_array_set_size(counter.buffer, 0);
  std::uint64_t value = 0;
  if (qemu_plugin_read_register(counter.stack_pointer, counter.buffer) == sizeof value)
    std::memcpy(&value, counter.buffer->data, sizeof value);
  return value;
}

/// Which places of the tree anything was counted in, or below.
std::vector<bool> used_nodes(const std::vector<CallNode>& nodes) {
  std::vector<bool> used(nodes.size());
  for (std::size_t i = nodes.size(); i-- > 1;) {  // who is called comes behind who calls
    KTSTR_ASSERT(nodes[i].parent < i);
    used[i] = used[i] || nodes[i].calls != 0 || nodes[i].insns != 0;
    if (used[i]) used[nodes[i].parent] = true;
  }
  return used;
}

/// Under another name first: the runner never sees half of it.
void write_counts() {
  const std::string fresh = counter.out + ".new";
  std::FILE* file = std::fopen(fresh.c_str(), "we");
  if (file == nullptr) return;
  const std::vector<CallNode>& nodes = counter.tree->nodes();
  const std::vector<bool> used = used_nodes(nodes);
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (!used[i]) continue;
    KTSTR_ASSERT(nodes[i].function < counter.symbols.names().size());
    std::fprintf(
        file, "%zu %u %llu %llu %s\n", i, nodes[i].parent, static_cast<unsigned long long>(nodes[i].calls),
        static_cast<unsigned long long>(nodes[i].insns), counter.symbols.names()[nodes[i].function].c_str());
  }
  std::fprintf(file, "end %llu%s\n", static_cast<unsigned long long>(nodes[0].insns),
               counter.tree->overflowed() ? " overflowed" : "");
  const bool whole = std::ferror(file) == 0;
  if (std::fclose(file) == 0 && whole) ::rename(fresh.c_str(), counter.out.c_str());
}

/// Counting begins and ends at the first function that any CPU comes into after the agent has said so.
void look_at_stage() {
  const auto stage = static_cast<kvm::Stage>(__atomic_load_n(counter.stage, __ATOMIC_RELAXED));
  const bool begins = counter.phase == Phase::kBefore && stage == kvm::Stage::kScenarioStarted;
  const bool ends = counter.phase == Phase::kCounting && stage > kvm::Stage::kScenarioStarted;
  if (!begins && !ends) return;
  counter.tree->count(begins);
  counter.phase = begins ? Phase::kCounting : Phase::kOver;
  if (ends) write_counts();
}

/// Another CPU has its turn; it is where it was.
void change_cpu() {
  std::size_t index = 0;
  for (std::size_t i = 0; i < counter.known.size(); ++i) {
    auto& [cpu, function] = counter.known[i];
    if (cpu == counter.running) function = counter.function;
    if (cpu == current_cpu) index = i + 1;
  }
  if (index == 0) {
    if (counter.known.size() >= counter.cpus) return;
    counter.known.emplace_back(current_cpu, kNoFunction);
    index = counter.known.size();
  }
  KTSTR_ASSERT(index <= counter.known.size() && counter.known.size() <= counter.cpus);
  counter.running = current_cpu;
  counter.function = counter.known[index - 1].second;
  counter.tree->run(index - 1);
}

void on_insn(unsigned, void*) { ++counter.insns; }

void on_block(unsigned, void* data) {
  const Landing& landing = *static_cast<const Landing*>(data);
  const bool same = counter.running == current_cpu;
  if (same && !landing.at_start && landing.function == counter.function) return;
  if (counter.phase == Phase::kOver) return;
  counter.tree->spend(std::exchange(counter.insns, 0));
  look_at_stage();
  if (!same) change_cpu();
  if (!landing.at_start && landing.function == counter.function) return;
  counter.tree->arrive({landing.function, landing.kind, landing.at_start, stack_pointer()});
  counter.function = landing.function;
}

bool read_symbols() {
  std::ifstream file(counter.symbols_file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  counter.tree = std::make_unique<CallTree>(counter.cpus);
  return file && counter.stack_pointer != nullptr && counter.symbols.parse(text);
}

void on_translation(qemu_plugin_id_t, qemu_plugin_tb* block) {
  const std::uint64_t start = qemu_plugin_tb_vaddr(block);
  if (start < kKernelHalf || counter.broken || counter.phase == Phase::kOver) return;
  if (!counter.ready) {
    counter.broken = !read_symbols();
    counter.ready = true;
    if (counter.broken) return;
  }
  Place place = counter.symbols.find(start, read_guest);
  const auto landing = [&](std::uint64_t address) {
    counter.landings.push_back({place.function, place.kind, place.starts && address == place.begin});
    return &counter.landings.back();
  };
  qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, QEMU_PLUGIN_CB_R_REGS, landing(start));
  const std::size_t size = qemu_plugin_tb_n_insns(block);
  for (std::size_t i = 0; i < size; ++i) {
    qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(block, i);
    const std::uint64_t address = qemu_plugin_insn_vaddr(insn);
    if (address >= place.end) {  // assembly that runs on into the next function
      place = counter.symbols.find(address, read_guest);
      qemu_plugin_register_vcpu_insn_exec_cb(insn, on_block, QEMU_PLUGIN_CB_R_REGS, landing(address));
    }
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS, nullptr);
  }
}

void on_cpu(qemu_plugin_id_t, unsigned) {
  if (counter.stack_pointer != nullptr) return;
  GArray* registers = qemu_plugin_get_registers();
  const auto* all = reinterpret_cast<const qemu_plugin_reg_descriptor*>(registers->data);
  for (unsigned i = 0; i < registers->len; ++i) {
    if (std::strcmp(all[i].name, "rsp") == 0) counter.stack_pointer = all[i].handle;
  }
  g_array_free(registers, 1);
}

bool take_argument(const char* text) {
  const auto value_of = [&](const char* name) {
    const std::size_t size = std::strlen(name);
    return std::strncmp(text, name, size) == 0 ? text + size : nullptr;
  };
  if (const char* ram = value_of("ram=")) return counter.ram = ram, true;
  if (const char* symbols = value_of("symbols=")) return counter.symbols_file = symbols, true;
  if (const char* out = value_of("out=")) return counter.out = out, true;
  if (const char* stage = value_of("stage="))
    return counter.stage_offset = std::strtoull(stage, nullptr, 10), true;
  return false;
}

bool map_stage() {
  constexpr std::uint64_t kPage = 4096;
  const int fd = ::open(counter.ram.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const std::uint64_t page = counter.stage_offset / kPage * kPage;
  void* mapped = ::mmap(nullptr, kPage, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(page));
  ::close(fd);
  if (mapped == MAP_FAILED) return false;
  counter.stage =
      reinterpret_cast<const std::uint32_t*>(static_cast<const char*>(mapped) + counter.stage_offset % kPage);
  return true;
}

}  // namespace
}  // namespace ktstr::cost

extern "C" {
__attribute__((visibility("default"))) extern const int qemu_plugin_version;
const int qemu_plugin_version = 4;

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info,
                                                               int argc, char** argv) {
  using namespace ktstr::cost;
  for (int i = 0; i < argc; ++i) {
    if (!take_argument(argv[i])) {
      std::fprintf(stderr, "ktstr's counter: unknown argument %s\n", argv[i]);
      return 1;
    }
  }
  if (!info->system_emulation || std::strcmp(info->target_name, "x86_64") != 0 || !map_stage()) {
    std::fputs("ktstr's counter: it is for guests of ktstr's, on x86_64\n", stderr);
    return 1;
  }
  counter.cpus = static_cast<std::size_t>(info->smp_vcpus);
  counter.buffer = g_byte_array_new();
  qemu_plugin_register_vcpu_init_cb(id, on_cpu);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}
}
