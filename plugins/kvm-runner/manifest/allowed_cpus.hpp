// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "protocol/scenario.hpp"

namespace ktstr::kvm {

/// The CPUs that each set of workers may ever use, from its start to the scenario's end: those of the cgroups
/// that it is in, together, as operations change their cpusets and move its tasks. Sorted; empty: all.
std::vector<std::vector<std::uint32_t>> ever_allowed(const Scenario& scenario);

}  // namespace ktstr::kvm
