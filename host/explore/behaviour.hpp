// SPDX-License-Identifier: Apache-2.0
//
// What a scenario made the scheduler do, in steps so coarse that only another kind of course is another one.
#pragma once
#include <set>
#include <string>

#include "sidecar/sidecar.hpp"

namespace ktstr {

/// Each of a run's metrics with the power of two that it lies in: "total_migrations 2^7". Two runs of which
/// one has twice as much of something differ, two that differ by a tenth hardly ever do.
std::set<std::string> behaviours_of(const SidecarRecord& run);

/// Of a sidecar as the runner made it; empty text: it told none.
Result<std::set<std::string>> behaviours_of(const std::string& sidecar, const MetricRegistry& metrics);

}  // namespace ktstr
