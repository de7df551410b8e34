// SPDX-License-Identifier: Apache-2.0
//
// What the kernel's code cost in a test that was counted (`cost` of its sidecar), alone or beside another
// one. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/run_document.hpp"

namespace ktstr {

enum class CostKind { kOperation, kProgram, kKernel };
inline constexpr std::string_view kCostKinds[] = {"operation", "program", "kernel"};

struct Cost {
  std::uint64_t calls = 0, insns = 0, self_insns = 0;
  double per_call() const { return calls == 0 ? 0 : static_cast<double>(insns) / static_cast<double>(calls); }
};

/// One operation of sched_ext, BPF program or function of the kernel.
struct CostLine {
  CostKind kind = CostKind::kKernel;
  std::string name;
  std::optional<Cost> base, head;  ///< nothing: not executed on that side, or not with another to compare
};

struct CostTable {
  std::vector<CostLine> lines;                   ///< by kind, the costliest of HEAD first
  std::uint64_t base_insns = 0, head_insns = 0;  ///< of the kernel in all
  bool complete = true;
};

/// `base` may be null.
CostTable cost_table(const json::object* base, const json::object& head);

}  // namespace ktstr
