// SPDX-License-Identifier: Apache-2.0
//
// What a metric was in earlier commits, so that a finding is seen beside what came before. Judges nothing.
// Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/comparison.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

inline constexpr std::size_t kMostTrendPoints = 40;

/// The runs of one commit in one session, or of one commit where they belong to none.
struct TrendPoint {
  std::string commit, when;  ///< of the first of its runs, as the sidecar has it; empty: unknown
  double mean, low, high;
  std::size_t runs;
};

/// Takes earlier runs one after the other and keeps nothing of them but what is told beside findings.
class Trends {
 public:
  Trends() = default;
  /// Of these, which have to outlive it.
  explicit Trends(const std::vector<const MetricComparison*>& findings);

  bool empty() const { return by_scenario_.empty(); }
  /// Whether a run of this key can be on the kernel of a finding.
  bool knows_run(std::string_view key) const;
  /// Runs of a dirty tree, and such as did not pass, count for nothing.
  void add(const SidecarRecord& run);
  /// By time, the newest `kMostTrendPoints`; none of what is no finding of its, and of a phase's own figure.
  std::vector<TrendPoint> of(const MetricComparison& finding) const;

 private:
  struct Runs {
    std::string when;
    std::vector<double> values;
  };
  struct Trend {
    const MetricComparison* finding;
    std::map<std::pair<std::string, std::string>, Runs> by_commit;  ///< and session
  };
  std::map<ScenarioKey, std::vector<Trend>> by_scenario_;
};

}  // namespace ktstr
