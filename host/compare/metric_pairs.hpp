// SPDX-License-Identifier: Apache-2.0
//
// The metrics of one scenario that has passing runs on both sides: one comparison each. Pure; pairing.cpp
// finds the scenarios.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "compare/pairing.hpp"

namespace ktstr {

/// A scenario's passing runs, in the order in which they were measured, and the gates that HEAD's author
/// declared for it.
struct ScenarioPair {
  const ScenarioKey& key;
  const std::vector<const SidecarRecord*>&before, &after;
  const std::set<DeclaredGate>& gates;
  const MetricRegistry& metrics;
};

/// Adds the comparisons of whole runs and of single cgroups to `set`, and to `unpooled` a line for each rate
/// that could only be averaged. A cgroup whose figure is the whole run's on both sides has no row of its own.
void compare_metrics(const ScenarioPair& pair, const ComparisonOptions& options, ComparisonSet& set,
                     std::set<std::string>& unpooled);

/// Adds the rows of phases, and the comparisons of gates that were declared on one; warns of gates that never
/// match anything.
void compare_phases(const ScenarioPair& pair, const ComparisonOptions& options, ComparisonSet& set);

}  // namespace ktstr
