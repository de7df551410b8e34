// SPDX-License-Identifier: Apache-2.0
//
// What the operation `snapshot` keeps of one moment: the kernel's counters, what each cgroup has had, and the
// variables and maps of BPF programs that it names.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "protocol/scenario.hpp"

namespace ktstr::agent {

class Play;

struct Snapshot {
  std::string name;
  std::uint64_t at_ns = 0;
  std::vector<std::pair<std::string, std::int64_t>> values;  ///< "sched_count", "web/iterations", "slice_ns"
};

/// Empty, or what went wrong.
std::string take_snapshot(const Play& play, const kvm::Operation& operation, Snapshot& snapshot);

/// The figures of a cgroup's cpu.stat that are kept, by the names that they get here.
std::vector<std::pair<std::string, std::int64_t>> parse_cpu_stat(const std::string& text);

}  // namespace ktstr::agent
