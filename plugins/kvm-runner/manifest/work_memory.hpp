// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "protocol/scenario.hpp"

namespace ktstr::kvm {

/// The memory that all workers of a scenario take together for their work: buffers, regions and files in
/// memory, as their parameters say.
std::uint64_t work_memory_mib(const Scenario& scenario);

}  // namespace ktstr::kvm
