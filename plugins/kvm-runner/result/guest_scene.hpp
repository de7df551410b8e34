// SPDX-License-Identifier: Apache-2.0
//
// What the agent found in a guest in which something went wrong. Bounded, not yet safe to show.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol/result_rows.hpp"
#include "result/result_fields.hpp"

namespace ktstr::kvm {

/// A BPF map's beginning, as bytes.
struct BpfMap {
  struct Entry {
    std::string key, value;  ///< bytes
  };
  std::string name;
  std::uint64_t type = 0, key_size = 0, value_size = 0, max_entries = 0;
  std::uint64_t btf = 0, key_type = 0, value_type = 0;  ///< of its type information
  std::vector<Entry> entries;
};

struct GuestScene {
  std::vector<GuestTask> tasks;
  std::vector<BpfMap> maps;
  std::map<std::uint64_t, std::string> btf;  ///< type information by its number, as bytes
  std::string scheduler_dump;                ///< what the kernel dumped of the scheduler that it ejected
};

/// "tasks", "bpf_maps" and "scheduler_dump" of a result. Throws ResultError.
GuestScene read_guest_scene(const Field& top);

}  // namespace ktstr::kvm
