// SPDX-License-Identifier: Apache-2.0
#include "dump/scene.hpp"

#include <algorithm>
#include <array>
#include <ktstr/kit/text.hpp>

namespace ktstr::kvm {
namespace {

constexpr std::size_t kSceneName = 64, kSceneFields = 128, kSceneStack = 24, kSceneFunction = 120,
                      kSceneCpus = 16;

std::string policy_name(std::uint64_t policy) {
  constexpr std::array<const char*, 8> kNames = {"NORMAL", "FIFO", "RR",       "BATCH",
                                                 "",       "IDLE", "DEADLINE", "EXT"};
  return policy < kNames.size() ? kNames[policy] : "";
}

std::string map_type_name(std::uint64_t type) {
  constexpr std::pair<std::uint64_t, const char*> kNames[] = {{1, "hash"},          {2, "array"},
                                                              {5, "percpu_hash"},   {6, "percpu_array"},
                                                              {9, "lru_hash"},      {10, "lru_percpu_hash"},
                                                              {26, "struct_ops"},   {27, "ringbuf"},
                                                              {29, "task_storage"}, {32, "cgroup_storage"},
                                                              {33, "arena"}};
  for (const auto& [number, name] : kNames) {
    if (number == type) return name;
  }
  return "type " + std::to_string(type);
}

bool is_per_cpu(std::uint64_t type) { return type == 5 || type == 6 || type == 10; }

/// "[<0>] schedule+0x3a/0x90" without what stands in front.
std::vector<std::string> functions_of(const std::string& stack) {
  std::vector<std::string> functions;
  for (const std::string& line : kit::lines(stack)) {
    if (functions.size() >= kSceneStack) break;
    std::string_view rest = without_margins(line);
    if (rest.starts_with("[<")) rest.remove_prefix(std::min(rest.find("] ") + 2, rest.size()));
    if (!rest.empty()) functions.push_back(printable_start(rest, kSceneFunction));
  }
  return functions;
}

SceneTask task_of(const GuestTask& task) {
  return {task.pid,
          task.tid,
          printable_start(task.name, kSceneName),
          printable_start(task.state, 8),
          task.cpu,
          policy_name(task.policy),
          printable_start(task.wchan, kSceneFunction),
          functions_of(task.stack)};
}

SceneTask task_of(const SeenTask& task) {
  SceneTask out{task.pid, task.pid, printable_start(task.name, kSceneName), task.state, {}, {}, {}, {}};
  for (const std::string& function : task.stack)
    out.stack.push_back(printable_start(function, kSceneFunction));
  return out;
}

SceneMap map_of(const BpfMap& map, const BtfTypes& types) {
  SceneMap out{printable_start(map.name, kSceneName), map_type_name(map.type), map.max_entries, {}};
  const auto id = [](std::uint64_t number) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, UINT32_MAX));
  };
  const std::uint64_t one = (map.value_size + 7) / 8 * 8;
  for (const BpfMap::Entry& entry : map.entries) {
    const std::vector<BtfField> key = format_value(types, id(map.key_type), entry.key, kSceneFields);
    if (!is_per_cpu(map.type) || one == 0) {
      out.entries.push_back({key, format_value(types, id(map.value_type), entry.value, kSceneFields), {}});
      continue;
    }
    for (std::size_t cpu = 0; cpu < kSceneCpus && cpu * one < entry.value.size(); ++cpu) {
      const std::string_view value = std::string_view(entry.value).substr(cpu * one, map.value_size);
      out.entries.push_back({key, format_value(types, id(map.value_type), value, kSceneFields), cpu});
    }
  }
  return out;
}

void add_maps(const GuestScene& guest, Scene& scene) {
  std::map<std::uint64_t, BtfTypes> types;
  for (const auto& [id, bytes] : guest.btf) types.try_emplace(id, bytes);
  static const BtfTypes kNone{std::string_view()};
  for (const BpfMap& map : guest.maps) {
    const auto found = types.find(map.btf);
    scene.maps.push_back(map_of(map, found == types.end() ? kNone : found->second));
  }
}

}  // namespace

Scene scene_of(const MachineOutcome& machine, const AgentResult* result) {
  Scene scene;
  const char* const silent = "the guest did not live to tell";
  if (result != nullptr) {
    for (const GuestTask& task : result->scene.tasks) scene.tasks.push_back(task_of(task));
    add_maps(result->scene, scene);
    scene.no_tasks = "the scenario ended in order: its workers had stopped";
    scene.no_maps = result->scheduler ? "no map of a BPF program was left" : "no BPF scheduler took part";
  } else {
    scene.no_tasks = scene.no_maps = scene.no_registers = silent;
  }
  scene.queues = machine.monitor.last;
  scene.no_queues = machine.monitor.reason;
  if (!machine.last_look) return scene;
  const LastLook& look = *machine.last_look;
  scene.no_registers = printable_start(look.no_registers, 200);
  if (scene.tasks.empty()) {
    for (const SeenTask& task : look.tasks) scene.tasks.push_back(task_of(task));
    scene.tasks_from_outside = true;
    if (!look.no_tasks.empty()) scene.no_tasks = look.no_tasks;
  }
  if (look.queues) {
    scene.queues = look.queues;
    scene.queues_at_end = true;
  } else {
    scene.no_queues = look.no_queues;
  }
  return scene;
}

}  // namespace ktstr::kvm
