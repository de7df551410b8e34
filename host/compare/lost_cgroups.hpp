// SPDX-License-Identifier: Apache-2.0
//
// Cgroups that a test has and a side's results do not tell of. Pure.
#pragma once
#include <vector>

#include "compare/comparison.hpp"
#include "compare/conclusion.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

/// Of the runs of one scenario that are compared. Where both sides have one manifest, which makes the same
/// cgroups every time, each run has to tell of each: what it does not is missing. Otherwise a cgroup may be
/// new or removed, and the rest can be judged without it.
std::vector<Shortfall> lost_cgroups(const ScenarioKey& key, const std::vector<const SidecarRecord*>& baseline,
                                    const std::vector<const SidecarRecord*>& head);

}  // namespace ktstr
