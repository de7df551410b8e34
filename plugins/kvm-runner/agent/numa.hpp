// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/parameter.hpp"
#include "protocol/worker_numbers.hpp"

namespace ktstr::agent {

/// Pages of private memory by node, from the text of /proc/PID/numa_maps
/// (Documentation/filesystems/proc.rst).
std::vector<std::uint64_t> anonymous_pages_by_node(const std::string& numa_maps);

/// The calling task's pages by node; nothing where there is one node.
std::vector<std::uint64_t> own_pages();

/// Counts the pages that have come since `before` (the agent's own, which a worker inherits, say nothing of
/// it): all, and those on the nodes where they are expected, which are those of its memory policy, or of the
/// CPUs that it may use.
void count_own_pages(const std::vector<std::uint64_t>& before, const kvm::Values& task_attributes,
                     kvm::WorkerNumbers& numbers);

}  // namespace ktstr::agent
