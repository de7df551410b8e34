// SPDX-License-Identifier: Apache-2.0
//
// What a scenario's phases say about a change. Phases are shown and, unless a test declares a gate on one,
// judge nothing. Pure.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compare/comparison.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

struct PhaseSide {
  std::uint64_t n = 0;
  double mean = 0, min = 0, max = 0;
};

/// One metric of one phase on both sides.
struct PhaseRow {
  ScenarioKey scenario;
  std::uint64_t index = 0;
  std::string label;
  const Metric* metric = nullptr;
  MetricRule rule;
  PhaseSide baseline, head;
  double relative = 0;  ///< (head - baseline) / |baseline|; infinite from 0
};

/// Rows of the phases that both sides have, by index and in registry order.
std::vector<PhaseRow> phase_rows(const ScenarioKey& key, const std::vector<const SidecarRecord*>& baseline,
                                 const std::vector<const SidecarRecord*>& head, const MetricRegistry& metrics,
                                 const Policy& policy);

/// Which phase rows are shown: --steps-only, --phase, --phase-threshold.
struct PhaseSelection {
  bool steps_only = false;  ///< not the baseline before the first step
  std::optional<std::uint64_t> phase;
  std::optional<double> least_change;  ///< a fraction; nothing: the metric's own gates
};
std::vector<PhaseRow> select_phases(const std::vector<PhaseRow>& rows, const PhaseSelection& selection,
                                    bool all);

/// Why the selection shows nothing: it names a phase that no scenario has. Empty when it is there, or none
/// named.
std::string missing_phase(const std::vector<PhaseRow>& rows, const PhaseSelection& selection);

/// The comparison that a gate declared on a phase asks for; null when no run has that phase or metric.
/// `gate.phase` is a label or an index.
std::unique_ptr<MetricComparison> phase_comparison(const ScenarioKey& key, const DeclaredGate& gate,
                                                   const Metric& metric, const MetricRule& rule,
                                                   const std::vector<const SidecarRecord*>& baseline,
                                                   const std::vector<const SidecarRecord*>& head);

}  // namespace ktstr
