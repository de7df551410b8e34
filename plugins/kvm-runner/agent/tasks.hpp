// SPDX-License-Identifier: Apache-2.0
//
// Attributes of workers (protocol/task_attributes.hpp). Functions that can fail return an error text, empty
// when fine.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/random.hpp"
#include "agent/result.hpp"
#include "protocol/parameter.hpp"

namespace ktstr::agent {

/// Gives a task its policy, nice value, slice and affinity, as far as they are set. `index`: of the worker in
/// its set.
std::string set_task_attributes(pid_t pid, std::uint32_t index, const kvm::Values& attributes,
                                const GuestTopology& topology, Random& random);

/// The kernel's number of a choice of the attribute `policy`.
std::uint32_t policy_number(std::string_view name);

/// The memory policy of the calling task; false when the kernel refuses it.
bool set_memory_policy(const kvm::Values& attributes);

}  // namespace ktstr::agent
