// SPDX-License-Identifier: Apache-2.0
#include "monitor/guest_tasks.hpp"

#include <cstring>
#include <string_view>

namespace ktstr::kvm {
namespace {

constexpr std::size_t kStackBytes = 16 << 10, kMostFunctions = 16, kTaskNameBytes = 16, kMostLinks = 8192;
constexpr std::uint32_t kKernelThread = 0x00200000;
constexpr std::size_t kNext = monitor_field("task_struct", "tasks"),
                      kTaskName = monitor_field("task_struct", "comm"),
                      kFlags = monitor_field("task_struct", "flags"),
                      kState = monitor_field("task_struct", "__state"),
                      kTaskPid = monitor_field("task_struct", "pid"),
                      kStack = monitor_field("task_struct", "stack"),
                      kThread = monitor_field("task_struct", "thread"),
                      kStackPointer = monitor_field("thread_struct", "sp"),
                      kFirst = monitor_symbol("init_task");

/// The state_letter that ps shows.
std::string state_letter(std::uint32_t state) {
  constexpr std::uint32_t kNoLoad = 0x400;
  if (state == 0) return "R";
  if ((state & 2U) != 0 && (state & kNoLoad) != 0) return "I";
  constexpr std::pair<std::uint32_t, const char*> kLetters[] = {
      {1, "S"}, {2, "D"}, {4, "T"}, {8, "t"}, {0x10, "X"}, {0x20, "Z"}, {0x40, "P"}, {0x80, "X"}};
  for (const auto& [bit, name] : kLetters) {
    if ((state & bit) != 0) return name;
  }
  return "?";
}

/// Of a task that is not running.
std::vector<std::string> stack_of(const AddressSpace& space, const MonitorMap& map,
                                  const KernelSymbols& symbols, std::uint64_t task) {
  const auto stack = space.read<std::uint64_t>(task + map.fields[kStack]),
             pointer = space.read<std::uint64_t>(task + map.fields[kThread] + map.fields[kStackPointer]);
  if (!stack || !pointer || *pointer < *stack || *pointer - *stack >= kStackBytes) return {};
  return functions_on_stack(space, symbols, *pointer);
}

}  // namespace

std::vector<std::string> functions_on_stack(const AddressSpace& space, const KernelSymbols& symbols,
                                            std::uint64_t pointer) {
  std::vector<std::string> functions;
  const std::string bytes = space.read_bytes(pointer, kStackBytes - pointer % kStackBytes);
  for (std::size_t at = 0; at + 8 <= bytes.size() && functions.size() < kMostFunctions; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    std::optional<std::string> name = symbols.function_at(word);
    if (name) functions.push_back(std::move(*name));
  }
  return functions;
}

std::vector<SeenTask> read_guest_tasks(const AddressSpace& space, const MonitorMap& map,
                                       const KernelSymbols& symbols, std::size_t most, std::string& problem) {
  std::vector<SeenTask> tasks;
  if (map.magic != kMonitorMapMagic) problem = "the agent left no map of the kernel";
  if (problem.empty() && map.symbols[kFirst] == kNoSymbol)
    problem = "the kernel does not tell where its first task is (CONFIG_KALLSYMS_ALL)";
  for (const std::size_t field :
       {kNext, kTaskName, kFlags, kState, kTaskPid, kStack, kThread, kStackPointer}) {
    if (problem.empty() && map.fields[field] == kNoField)
      problem = "the kernel's type information lacks " + std::string(kMonitorFields[field].structure) + "." +
                std::string(kMonitorFields[field].member);
  }
  if (!problem.empty()) return tasks;
  const std::uint64_t head = map.symbols[kFirst] + map.fields[kNext];
  std::uint64_t link = space.read<std::uint64_t>(head).value_or(head);
  for (std::size_t seen = 0; link != head && seen < kMostLinks && tasks.size() < most; ++seen) {
    const std::uint64_t task = link - map.fields[kNext];
    const auto state = space.read<std::uint32_t>(task + map.fields[kState]);
    const auto flags = space.read<std::uint32_t>(task + map.fields[kFlags]);
    const auto pid = space.read<std::int32_t>(task + map.fields[kTaskPid]);
    if (!state || !flags || !pid) break;
    const std::string name = space.read_bytes(task + map.fields[kTaskName], kTaskNameBytes);
    SeenTask one{*pid, name.substr(0, name.find('\0')), state_letter(*state), {}};
    const bool of_kernel = (*flags & kKernelThread) != 0;
    if (!of_kernel || one.state == "R" || one.state == "D") {
      one.stack = stack_of(space, map, symbols, task);
      tasks.push_back(std::move(one));
    }
    link = space.read<std::uint64_t>(link).value_or(head);
  }
  return tasks;
}

}  // namespace ktstr::kvm
