// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "judge/findings.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// Fails the test when the guest does not see the nodes, LLCs and cores that were asked for, as far as their
/// CPUs are to be online; says what differs.
void judge_topology(const Topology& wanted, const std::vector<std::uint32_t>& online,
                    const GuestTopology& seen, Findings& findings);

}  // namespace ktstr::kvm
