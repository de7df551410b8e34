// SPDX-License-Identifier: Apache-2.0
//
// What the counter inside QEMU (tcg/plugin.cpp) wrote of one scenario, and what follows from it. Pure.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::kvm {

enum class CodeKind : std::uint8_t {
  kKernel,     ///< a function of the kernel
  kOperation,  ///< an operation of sched_ext: how the kernel calls into the scheduler
  kProgram,    ///< a BPF program, or a function of one
};

struct CountedCode {
  CodeKind kind = CodeKind::kKernel;
  std::string name;  ///< operations and programs as their source calls them; safe to show
  bool operator==(const CountedCode&) const = default;
};

/// A function called in one way.
struct CountedCall {
  std::size_t parent = 0;  ///< place in Counts::calls; the first has none
  std::size_t code = 0;    ///< place in Counts::code
  std::uint64_t calls = 0, insns = 0;
};

struct Counts {
  std::vector<CountedCode> code;
  std::vector<CountedCall> calls;  ///< callers before whom they call; the first is what all begins from
  bool overflowed = false;         ///< the least of the ways to call are not told apart
};

/// Nothing when the text is not whole.
std::optional<Counts> parse_counts(std::string_view text);

/// What a function, or several of them that stand for one thing, cost.
struct CodeCost {
  std::uint64_t calls = 0;
  std::uint64_t insns = 0;       ///< with everything that it called; a call within a call counts once
  std::uint64_t self_insns = 0;  ///< its own
};

struct CostRow {
  CountedCode code;
  CodeCost cost;
};

/// All that was executed at least once, the costliest first.
std::vector<CostRow> cost_rows(const Counts& counts);
/// Of several together: calls from one to another count once.
CodeCost cost_of(const Counts& counts, const std::function<bool(const CountedCode&)>& wanted);
/// Of everything that was counted.
std::uint64_t counted_insns(const Counts& counts);

/// Stacks as flame graph tools read them: "outer;inner 42", own instructions, a line for each way to call.
std::string folded_stacks(const Counts& counts);

}  // namespace ktstr::kvm
