// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <ktstr/kit/json_reader.hpp>
#include <vector>

#include "machine/machine.hpp"
#include "manifest/test_spec.hpp"
#include "protocol/scenario.hpp"

namespace ktstr::kvm {

/// What of a test's object says what happens: "cgroups", "root", "payloads", "steps", "duration_ms".
/// Every name is resolved; every mistake throws.
Scenario parse_scenario(const StrictObject& test, const Topology& topology,
                        const std::vector<std::uint32_t>& online, bool has_scheduler,
                        std::vector<PayloadSpec>& payloads);

/// The CPUs that a cgroup's workers may ever use: its cpusets from start to end together; empty: all.
std::vector<std::uint32_t> ever_allowed(const Scenario& scenario, std::size_t cgroup);

}  // namespace ktstr::kvm
