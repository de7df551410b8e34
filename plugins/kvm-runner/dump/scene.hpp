// SPDX-License-Identifier: Apache-2.0
//
// What is known of the guest of a test that did not pass, from inside and from outside, in one form.
// Everything in it is bounded and safe to show.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dump/btf_value.hpp"
#include "machine/machine.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

struct SceneTask {
  std::int64_t pid = 0, tid = 0;
  std::string name, state;
  std::optional<std::uint64_t> cpu;  ///< where it ran last
  std::string policy;                ///< "NORMAL", "EXT", …; empty: unknown
  std::string wchan;                 ///< where in the kernel it waits
  std::vector<std::string> stack;    ///< innermost first
};

struct SceneMap {
  struct Entry {
    std::vector<BtfField> key, value;
    std::optional<std::size_t> cpu;  ///< whose value; nothing: there is one for all
  };
  std::string name, type;
  std::uint64_t max_entries = 0;
  std::vector<Entry> entries;
};

struct Scene {
  std::vector<SceneTask> tasks;
  bool tasks_from_outside = false;  ///< read out of the guest's memory: stacks are what looks like one
  std::vector<SceneMap> maps;
  std::optional<Reading> queues;
  bool queues_at_end = false;                              ///< else those of the last sample
  std::string no_tasks, no_maps, no_queues, no_registers;  ///< why there are none
};

Scene scene_of(const MachineOutcome& machine, const AgentResult* result);

}  // namespace ktstr::kvm
