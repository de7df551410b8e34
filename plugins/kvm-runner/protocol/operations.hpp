// SPDX-License-Identifier: Apache-2.0
//
// The table of operations: what a step of a scenario can do. The manifest's reader, its schema, docs/tests.md
// and the agent are made from it. A new one is a row here and a function in agent/operations.cpp.
#pragma once
#include <array>
#include <limits>
#include <span>
#include <string_view>

#include "protocol/parameter.hpp"

namespace ktstr::kvm {

struct OperationType {
  std::string_view name;
  std::string_view description;
  std::span<const Parameter> parameters = {};
};

namespace operation_parameters {

using enum ParameterKind;
inline constexpr std::int64_t kMostCpus = 4096, kLine = 256;
inline constexpr Parameter kOf = {"cgroup", kCgroup, "which one", 0, 0, 0, {}, false};

inline constexpr std::array kAddCgroup = {Parameter{"name",
                                                    kNewCgroup,
                                                    "its name; attributes and workers as in "
                                                    "\"cgroups\"; without workers it is empty",
                                                    0,
                                                    0,
                                                    0,
                                                    {},
                                                    false},
                                          Parameter{"workers", kWorkers, "its workers"}};
inline constexpr std::array kCgroupOnly = {kOf};
inline constexpr std::array kSetCgroup = {kOf, Parameter{"attributes", kCgroupAttributes, "what changes"}};
inline constexpr std::array kSwapCpusets = {kOf,
                                            Parameter{"with", kCgroup, "the other one", 0, 0, 0, {}, false}};
inline constexpr std::array kSpawn = {Parameter{"cgroup", kCgroup, "where; nothing: the root cgroup"},
                                      Parameter{"workers", kWorkers, "work, workers and their attributes"}};
inline constexpr std::array kSetTasks = {kOf, Parameter{"attributes", kTaskAttributes, "what changes"}};
inline constexpr std::array kMoveTasks = {kOf, Parameter{"to", kCgroup, "where to", 0, 0, 0, {}, false}};
inline constexpr std::array kCpu = {
    Parameter{"cpu", kCount, "number of the CPU", 0, 0, kMostCpus - 1, {}, false}};
inline constexpr std::array kWrite = {
    Parameter{"file", kText, "below /proc/sys, /sys or /sys/kernel/debug", 0, 0, kLine, {}, false},
    Parameter{"value", kText, "what is written", 0, 0, kLine, {}, false}};
inline constexpr std::array kSignal = {
    kOf, Parameter{"signal", kChoice, "which one", 0, 0, 0, "STOP|CONT|TERM|KILL|USR2"}};
inline constexpr Parameter kThePayload = {"payload", kPayload, "which one", 0, 0, 0, {}, false};
inline constexpr std::array kPayloadOnly = {kThePayload};
inline constexpr std::array kWaitPayload = {
    kThePayload, Parameter{"timeout_ms", kCount, "how long at most", 60'000, 1, 86'400'000}};
inline constexpr std::array kAttach = {
    Parameter{"scheduler", kScheduler, "which one; nothing: the last one"}};
inline constexpr std::array kReplace = {
    Parameter{"scheduler", kScheduler, "which one; \"eevdf\": the kernel's own", 0, 0, 0, {}, false}};
inline constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min(),
                              kHighest = std::numeric_limits<std::int64_t>::max();
inline constexpr std::array kBpfMapWrite = {
    Parameter{"variable", kText, "a global variable of the scheduler's programs", 0, 0, 128},
    Parameter{"map", kText, "or a map by its name", 0, 0, 128},
    Parameter{"key", kCount, "where in the map", 0, 0, kHighest},
    Parameter{"value", kCount, "the number", 0, kLowest, kHighest, {}, false},
    Parameter{"offset", kCount, "bytes before it", 0, 0, 1 << 20},
    Parameter{"width", kCount, "1, 2, 4 or 8 bytes of it; 0: all that follow", 0, 0, 8}};
inline constexpr std::array kSnapshot = {
    Parameter{"name", kText, "what it is called", 0, 0, 64, {}, false},
    Parameter{"variables", kTexts, "variables of the scheduler's programs", 0, 0, 32},
    Parameter{"maps", kTexts, "maps with numbers as keys; their first 64 keys", 0, 0, 16}};
inline constexpr std::array kMark = {
    Parameter{"label", kText, "what the phase that begins here is called", 0, 0, 64, {}, false}};

}  // namespace operation_parameters

inline constexpr auto kOperations = [] {
  namespace p = operation_parameters;
  return std::to_array<OperationType>({
      {"add_cgroup", "makes a cgroup, empty or with workers", p::kAddCgroup},
      {"remove_cgroup", "stops a cgroup's workers and removes it", p::kCgroupOnly},
      {"stop_cgroup", "stops a cgroup's workers; the cgroup stays", p::kCgroupOnly},
      {"set_cgroup", "changes attributes of a cgroup: cpuset, weight, quota, limits", p::kSetCgroup},
      {"clear_cpuset", "lets a cgroup's tasks use all CPUs", p::kCgroupOnly},
      {"swap_cpusets", "gives each of two cgroups the other's CPUs", p::kSwapCpusets},
      {"spawn", "starts more workers in a cgroup, or in the root cgroup", p::kSpawn},
      {"set_tasks", "changes attributes of a cgroup's workers: affinity, nice, policy", p::kSetTasks},
      {"move_tasks", "moves all tasks of one cgroup to another", p::kMoveTasks},
      {"freeze", "freezes a cgroup; the time in the freezer is no scheduling gap", p::kCgroupOnly},
      {"unfreeze", "thaws a cgroup", p::kCgroupOnly},
      {"cpu_offline", "takes a CPU offline", p::kCpu},
      {"cpu_online", "brings a CPU online", p::kCpu},
      {"write", "writes a sysctl, or a file of sysfs or debugfs", p::kWrite},
      {"signal", "sends a signal to a cgroup's workers", p::kSignal},
      {"detach_scheduler", "ends the scheduler as its owner would; the kernel's own takes over", {}},
      {"attach_scheduler", "starts the scheduler again, or another one", p::kAttach},
      {"restart_scheduler", "ends the scheduler and starts it again", {}},
      {"replace_scheduler", "ends the scheduler, if one is in force, and starts another", p::kReplace},
      {"run_payload", "starts a payload that is not started at once, or one that has ended", p::kPayloadOnly},
      {"wait_payload", "waits until a payload has ended; one that does not end is a failure",
       p::kWaitPayload},
      {"kill_payload", "ends a payload, if it runs", p::kPayloadOnly},
      {"bpf_map_write", "writes a number into a variable or a map of the running scheduler's BPF programs",
       p::kBpfMapWrite},
      {"snapshot", "keeps the kernel's counters, figures of all cgroups, and BPF variables and maps by name",
       p::kSnapshot},
      {"mark", "begins a phase of its own in the results", p::kMark},
  });
}();

constexpr const OperationType* find_operation(std::string_view name) {
  for (const OperationType& type : kOperations) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace ktstr::kvm
