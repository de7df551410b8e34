// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/parameter.hpp"
#include "protocol/worker_numbers.hpp"

namespace ktstr::agent {

/// Pages of private memory by node, from the text of /proc/PID/numa_maps (Documentation/filesystems/proc.rst).
std::vector<std::uint64_t> anonymous_pages_by_node(const std::string& numa_maps);

/// Counts the calling task's pages: all, and those on the nodes where they are expected, which are those of its memory
/// policy, or those of the CPUs that it may use. Does nothing where there is one node.
void count_own_pages(const kvm::Values& task_attributes, kvm::WorkerNumbers& numbers);

}  // namespace ktstr::agent
