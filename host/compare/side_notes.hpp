// SPDX-License-Identifier: Apache-2.0
//
// What a reader should know about the runs behind a comparison: other hosts, uncommitted trees, short CPU
// budgets. Pure.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "sidecar/sidecar.hpp"

namespace ktstr {

/// "abc1234", or "abc1234+mixed" when runs of the clean and of the changed tree stand side by side; several
/// commits joined by " | ".
std::string shown_commits(const std::set<std::string>& labels);

/// What identifies the sides' hosts and differs; nothing when a side does not know its host.
std::vector<HostDifference> host_differences(const std::vector<const SidecarRecord*>& baseline,
                                             const std::vector<const SidecarRecord*>& head);

/// "measured on different hosts: cpu_model A -> B"
std::string host_note(const HostDifference& difference);

/// Dirty builds, mixed commits, fewer host CPUs than guest CPUs, unequal CPU budgets, and a host that was
/// another one in the meantime.
std::vector<std::string> weaknesses(const std::vector<const SidecarRecord*>& baseline,
                                    const std::vector<const SidecarRecord*>& head, bool cached);

}  // namespace ktstr
