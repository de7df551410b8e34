// SPDX-License-Identifier: Apache-2.0
#include "tcg/call_tree.hpp"

#include <algorithm>

namespace ktstr::cost {
namespace {

constexpr std::uint64_t kStackSize = 16 << 10;  // THREAD_SIZE and IRQ_STACK_SIZE of x86-64
constexpr std::uint64_t kKernelHalf = 1ULL << 63U;
constexpr std::size_t kMostNesting = 8;
// A stack for interrupts is first seen a little below its top.
constexpr std::uint64_t kAbove = 64;

}  // namespace

bool CallTree::Stack::holds(std::uint64_t pointer) const {
  return pointer <= top && top - pointer < kStackSize;
}

CallTree::Stack& CallTree::task_stack(std::uint64_t pointer) {
  if (stacks_.size() > kMostStacks) {
    stacks_.clear();
    for (Cpu& cpu : cpus_) cpu.task = nullptr;
  }
  const std::uint64_t place = (pointer - 1) / kStackSize;  // the very top belongs to the stack below it
  std::unique_ptr<Stack>& stack = stacks_[place];
  if (!stack) {
    stack = std::make_unique<Stack>();
    stack->top = (place + 1) * kStackSize;
  }
  return *stack;
}

/// On which stack the CPU is now. What was left behind on a task's stack waits there; a stack for interrupts
/// is left only when it is done.
CallTree::Stack& CallTree::stack_of(Cpu& cpu, const Arrival& arrival) {
  const std::uint64_t pointer = arrival.stack_pointer;
  Stack* now = cpu.interrupts.empty() ? cpu.task : &cpu.interrupts.back();
  if (now != nullptr && now->holds(pointer)) return *now;
  if (cpu.task == nullptr || cpu.last == FunctionKind::kSwitches) {
    cpu.interrupts.clear();
    cpu.task = &task_stack(pointer);
    std::vector<Frame>& frames = cpu.task->frames;
    // Who was switched away from here goes on from where it was; any other frames are of a task that has
    // ended.
    if (!frames.empty() && frames.back().at != pointer) frames.clear();
    if (frames.empty()) cpu.task->base = cpu.last == FunctionKind::kEntry ? cpu.node : 0;
    return *cpu.task;
  }
  std::size_t depth = cpu.interrupts.size();
  while (depth > 0 && !cpu.interrupts[depth - 1].holds(pointer)) --depth;
  if (depth > 0 || cpu.task->holds(pointer)) {
    cpu.interrupts.resize(depth);
    Stack& back = depth > 0 ? cpu.interrupts.back() : *cpu.task;
    // An entry's first steps were on a stack of their own: it goes on here.
    if (back.frames.empty() && cpu.last == FunctionKind::kEntry) back.base = cpu.node;
    return back;
  }
  if (cpu.interrupts.size() >= kMostNesting) cpu.interrupts.clear();
  cpu.interrupts.push_back({pointer + kAbove, cpu.node, {}});
  return cpu.interrupts.back();
}

std::uint32_t CallTree::child(std::uint32_t parent, FunctionId function) {
  const auto [found, fresh] =
      children_.try_emplace(static_cast<std::uint64_t>(parent) << 32U | function, nodes_.size());
  if (fresh) {
    if (nodes_.size() >= kMostNodes) {
      overflowed_ = true;
      children_.erase(found);
      return parent;
    }
    nodes_.push_back({parent, function, 0, 0});
  }
  return found->second;
}

std::uint32_t CallTree::push(Stack& stack, const Arrival& arrival, bool call) {
  std::vector<Frame>& frames = stack.frames;
  if (frames.size() >= kMostFrames) frames.clear();
  const bool entry = arrival.kind == FunctionKind::kEntry;
  const std::uint32_t caller = entry ? 0 : frames.empty() ? stack.base : frames.back().node;
  const std::uint32_t node = child(caller, arrival.function);
  if (call && counting_) ++nodes_[node].calls;
  if (arrival.kind != FunctionKind::kReturns)
    frames.push_back({node, arrival.function, entry, arrival.stack_pointer});
  return node;
}

std::uint32_t CallTree::place(Stack& stack, const Arrival& arrival) {
  std::vector<Frame>& frames = stack.frames;
  // A function whose return address lies below the stack pointer has returned.
  while (!frames.empty() && frames.back().at < arrival.stack_pointer) frames.pop_back();
  if (arrival.at_start) {
    const bool loops = !frames.empty() && frames.back().function == arrival.function &&
                       frames.back().at == arrival.stack_pointer;  // a jump to its own first instruction
    return loops ? frames.back().node : push(stack, arrival, true);
  }
  // Back from a call; or somewhere in the middle of a function that was not seen to start.
  std::size_t depth = frames.size();
  while (depth > 0 && frames[depth - 1].function != arrival.function && !frames[depth - 1].entry) --depth;
  if (depth > 0 && frames[depth - 1].function == arrival.function) {
    frames.resize(depth);
    return frames.back().node;
  }
  if (frames.empty() && nodes_[stack.base].function == arrival.function) return stack.base;
  return push(stack, arrival, false);
}

void CallTree::spend(std::uint64_t insns) {
  if (counting_) nodes_[cpus_.at(running_).node].insns += insns;
}

void CallTree::arrive(const Arrival& arrival) {
  Cpu& cpu = cpus_.at(running_);
  if (arrival.stack_pointer < kKernelHalf) {
    // A system call's first instructions still have the program's stack pointer: nothing of the kernel's is
    // under way for this task.
    cpu.interrupts.clear();
    cpu.node = child(0, arrival.function);
    if (arrival.at_start && counting_) ++nodes_[cpu.node].calls;
    if (cpu.task != nullptr) *cpu.task = {cpu.task->top, cpu.node, {}};
  } else {
    cpu.node = place(stack_of(cpu, arrival), arrival);
  }
  cpu.last = arrival.kind;
}

}  // namespace ktstr::cost
