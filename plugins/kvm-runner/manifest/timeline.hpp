// SPDX-License-Identifier: Apache-2.0
//
// What of a scenario's course is known before it runs.
#pragma once
#include <string>
#include <vector>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

struct PlannedPhase {
  std::string label;
  std::string scheduler;  ///< that is to be in force at its end, the kernel's own as "eevdf"
};

/// The phases that judge/phases.hpp finds in a result. One without a label where a scenario has no steps.
std::vector<PlannedPhase> planned_phases(const TestSpec& test);

/// The names of its snapshots, in order.
std::vector<std::string> planned_snapshots(const Scenario& scenario);

}  // namespace ktstr::kvm
