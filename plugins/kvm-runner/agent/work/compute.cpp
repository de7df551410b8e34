// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "agent/files.hpp"
#include "agent/result.hpp"
#include "agent/work/functions.hpp"
#include "agent/work/placement.hpp"
#include "agent/work/tools.hpp"
#include "protocol/cpu_list.hpp"

namespace ktstr::agent {
namespace {

constexpr std::size_t kChains = 8;
constexpr std::uint64_t kSteps = 128;

void scalar_chains() {
  std::uint64_t value[kChains] = {1, 2, 3, 4, 5, 6, 7, 8};
  for (std::uint64_t step = 0; step < kSteps; ++step) {
#pragma GCC unroll 8
    for (std::uint64_t& chain : value) {
      chain = chain * 6364136223846793005ULL + 1442695040888963407ULL;
      __asm__ volatile("" : "+r"(chain));
    }
  }
}

// The compiler makes a function's vectors of the registers that its target has, so each width is a function
// of its own.
#define KTSTR_VECTOR_CHAINS(name, target, width)                                           \
  target void name() {                                                                     \
    using Vector __attribute__((vector_size(width))) = float;                              \
    Vector value[kChains];                                                                 \
    for (std::size_t i = 0; i < kChains; ++i) value[i] = Vector{} + static_cast<float>(i); \
    for (std::uint64_t step = 0; step < kSteps; ++step) {                                  \
      _Pragma("GCC unroll 8") for (Vector & chain : value) {                               \
        chain = chain * 0.5F + 1.0F;                                                       \
        __asm__ volatile("" : "+x"(chain));                                                \
      }                                                                                    \
    }                                                                                      \
  }
KTSTR_VECTOR_CHAINS(sse_chains, , 16)
KTSTR_VECTOR_CHAINS(avx2_chains, __attribute__((target("avx2"))), 32)
KTSTR_VECTOR_CHAINS(avx512_chains, __attribute__((target("avx512f"))), 64)
#undef KTSTR_VECTOR_CHAINS

/// As wide as was asked for, or as the CPU has.
void (*chains_of(std::string_view width))() {
  const bool widest = width == "widest";
  __builtin_cpu_init();
  if ((widest || width == "avx512") && __builtin_cpu_supports("avx512f")) return avx512_chains;
  if ((widest || width == "avx512" || width == "avx2") && __builtin_cpu_supports("avx2")) return avx2_chains;
  return width == "scalar" ? scalar_chains : sse_chains;
}

}  // namespace

void alu_hot(WorkContext& c) {
  void (*const chains)() = chains_of(c.work.text("width"));
  while (!c.stopped()) {
    for (int i = 0; i < 4; ++i) chains();
    c.telemetry.add_units(4 * kSteps);
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
  }
}

void smt_sibling_spin(WorkContext& c) {
  const std::vector<std::uint32_t> allowed = allowed_cpus();
  std::vector<std::vector<std::uint32_t>> cores;  // with two siblings that may be used
  for (const std::uint32_t cpu : allowed) {
    const std::string path =
        "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list";
    std::vector<std::uint32_t> siblings;
    for (const std::uint32_t sibling : kvm::parse_cpu_list(read_text(path.c_str()))) {
      if (std::binary_search(allowed.begin(), allowed.end(), sibling)) siblings.push_back(sibling);
    }
    if (siblings.size() > 1 && siblings.front() == cpu) cores.push_back(std::move(siblings));
  }
  if (!cores.empty()) bind_to({cores[c.group_in_set % cores.size()][c.index_in_group]});
  constexpr std::uint64_t kPauses = 64;
  while (!c.stopped()) {
    for (std::uint64_t i = 0; i < kPauses; ++i) __builtin_ia32_pause();
    c.telemetry.add_units(kPauses);
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
