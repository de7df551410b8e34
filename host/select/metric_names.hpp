// SPDX-License-Identifier: Apache-2.0
//
// Names of metrics that people write down for later, held against what the sidecars have: one that never
// matches anything judges nothing, and looks as if it did. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/sidecar.hpp"

namespace ktstr {

/// Whether a run has a value of it: of a metric of the whole run, or of a cgroup's ("web/max_gap_ms").
bool tells(const SidecarRecord& record, std::string_view name);

/// An error for the first name of which no run of either side tells; `what` is where the names come from.
/// Sides without runs say nothing.
Status check_names_match(const std::vector<std::string>& names, const std::string& what,
                         const std::vector<SidecarRecord>& baseline, const std::vector<SidecarRecord>& head);

/// " (did you mean …?)" of what the runs have; empty when nothing is near.
std::string suggestion_of_told(std::string_view name, const std::vector<const SidecarRecord*>& records);

}  // namespace ktstr
