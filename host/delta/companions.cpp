// SPDX-License-Identifier: Apache-2.0
#include "delta/companions.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/cpp/noise.hpp>
#include <limits>
#include <set>

namespace ktstr {
namespace {

constexpr double kLeastGates = 0.5, kLeastDeviations = 2;

struct Candidate {
  Companion companion;
  double gates;  ///< the change in sizes of the metric's own gate
};

/// Both are of one scenario.
bool belongs_to(const MetricComparison& other, const MetricComparison& finding) {
  return &other != &finding && !other.settled() && other.phase() == finding.phase() &&
         (other.cgroup().empty() || other.cgroup() == finding.cgroup()) &&
         other.metric().family != finding.metric().family;
}

/// Nothing when it did not change enough to tell anything.
std::optional<Candidate> candidate_of(const MetricComparison& comparison) {
  const ktstr_comparison& c = comparison.c_struct();
  if (c.baseline->count == 0 || c.head->count == 0) return std::nullopt;
  const double before = c.baseline_estimate, after = c.head_estimate, change = std::fabs(after - before);
  if (!std::isfinite(change) || change == 0) return std::nullopt;
  const double gate = std::max(c.abs_gate, c.rel_gate * std::fabs(before));
  const double gates = gate > 0 ? change / gate : std::numeric_limits<double>::infinity();
  if (gates < kLeastGates) return std::nullopt;
  const double relative = before == 0 ? std::copysign(std::numeric_limits<double>::infinity(), after)
                                      : (after - before) / std::fabs(before);
  const double noise = sdk::log_deviation(c);
  const double deviations = before > 0 && after > 0 && noise > 0 ? std::fabs(std::log(after / before)) / noise
                                                                 : std::numeric_limits<double>::quiet_NaN();
  if (deviations < kLeastDeviations) return std::nullopt;
  return Candidate{{&comparison, relative, deviations}, gates};
}

}  // namespace

std::vector<Companion> companions_of(const JudgedRow& finding, const RowsByScenario& rows) {
  std::vector<Candidate> candidates;
  for (const JudgedRow* row : rows.beside(finding)) {
    const bool has_own_row = row->combined.outcome == KTSTR_REGRESSED;
    if (has_own_row || !belongs_to(*row->comparison, *finding.comparison)) continue;
    if (const auto candidate = candidate_of(*row->comparison)) candidates.push_back(*candidate);
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.gates != b.gates ? a.gates > b.gates
                              : a.companion.comparison->name() < b.companion.comparison->name();
  });
  std::vector<Companion> companions;
  std::set<std::string_view> families;
  for (const Candidate& candidate : candidates) {
    if (companions.size() == kMostCompanions) break;
    if (families.insert(candidate.companion.comparison->metric().family).second)
      companions.push_back(candidate.companion);
  }
  return companions;
}

}  // namespace ktstr
