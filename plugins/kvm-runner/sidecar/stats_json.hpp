// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_writer.hpp>

#include "judge/phases.hpp"
#include "judge/stats.hpp"

namespace ktstr::kvm {

/// The `stats` object of a sidecar. Ext metrics that are not finite are left out. `scenario` is null where
/// none was played.
void write_scenario_stats(JsonWriter& json, const ScenarioStats& stats, const std::vector<Phase>& phases,
                          const ScenarioReport* scenario);

}  // namespace ktstr::kvm
