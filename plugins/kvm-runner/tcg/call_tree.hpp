// SPDX-License-Identifier: Apache-2.0
//
// Who called whom, and how many instructions each spent: pure, fed with the moments at which a virtual CPU
// comes into another function of the kernel.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace ktstr::cost {

using FunctionId = std::uint32_t;
inline constexpr FunctionId kNoFunction = 0;  ///< code that no symbol names

/// One function called in one way: a place in the tree of calls.
struct CallNode {
  std::uint32_t parent = 0;
  FunctionId function = kNoFunction;
  std::uint64_t calls = 0, insns = 0;  ///< of itself, without what it called
};

/// What a function means for the one that was running before.
enum class FunctionKind : std::uint8_t {
  kPlain,     ///< called by it
  kEntry,     ///< an interrupt, an exception or a system call: not called by it
  kReturns,   ///< the way back from an entry: it calls nothing, and nobody comes back to it
  kSwitches,  ///< goes over to another task's stack
};

/// A virtual CPU comes into a function.
struct Arrival {
  FunctionId function = kNoFunction;
  FunctionKind kind = FunctionKind::kPlain;
  bool at_start = false;            ///< at its first instruction, not back from a call
  std::uint64_t stack_pointer = 0;  ///< by then
};

class CallTree {
 public:
  explicit CallTree(std::size_t cpus) : cpus_(cpus) { nodes_.emplace_back(); }

  /// Attributes so many instructions to where the CPU is that ran last.
  void spend(std::uint64_t insns);
  /// Another CPU runs from here on.
  void run(std::size_t cpu) { running_ = cpu; }
  /// The CPU that runs comes into a function.
  void arrive(const Arrival& arrival);
  /// Only what happens while it is on is counted; who called whom is followed always.
  void count(bool on) { counting_ = on; }

  /// The first one is nobody's, the parent of those that nobody called.
  const std::vector<CallNode>& nodes() const { return nodes_; }
  bool overflowed() const { return overflowed_; }  ///< there were more ways to call than are kept apart

 private:
  static constexpr std::size_t kMostNodes = 1 << 18, kMostFrames = 512, kMostStacks = 1 << 16;

  struct Frame {
    std::uint32_t node = 0;
    FunctionId function = kNoFunction;
    bool entry = false;
    std::uint64_t at = 0;  ///< stack pointer when it started
  };
  /// A stack of the kernel: a task's, which lies at a multiple of its size, or one for interrupts.
  struct Stack {
    std::uint64_t top = 0;
    std::uint32_t base = 0;  ///< who called the first of its functions, from another stack
    std::vector<Frame> frames;
    bool holds(std::uint64_t pointer) const;
  };
  struct Cpu {
    Stack* task = nullptr;          ///< of the task that it runs
    std::vector<Stack> interrupts;  ///< on top of that, by nesting
    std::uint32_t node = 0;         ///< to which its instructions go
    FunctionKind last = FunctionKind::kPlain;
  };

  Stack& stack_of(Cpu& cpu, const Arrival& arrival);
  Stack& task_stack(std::uint64_t pointer);
  std::uint32_t place(Stack& stack, const Arrival& arrival);
  std::uint32_t push(Stack& stack, const Arrival& arrival, bool call);
  std::uint32_t child(std::uint32_t parent, FunctionId function);

  std::vector<Cpu> cpus_;
  std::size_t running_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Stack>> stacks_;  ///< of tasks, by place
  std::unordered_map<std::uint64_t, std::uint32_t> children_;         ///< by parent and function
  std::vector<CallNode> nodes_;
  bool counting_ = false, overflowed_ = false;
};

}  // namespace ktstr::cost
