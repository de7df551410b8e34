// SPDX-License-Identifier: Apache-2.0
//
// From two sides' sidecars to comparisons that gates can judge. Pure.
#pragma once
#include <ktstr/abi/gate.h>

#include <memory>
#include <string>
#include <vector>

#include "core/metric_registry.hpp"
#include "core/sidecar.hpp"

namespace ktstr {

/// One scenario: what must be equal on both sides for their numbers to be compared.
struct ScenarioKey {
  std::string test, topology, scheduler, work_type, kernel, accelerator, time_source;
  auto operator<=>(const ScenarioKey&) const = default;
};

/// One metric of one scenario with everything a ktstr_comparison points to. Not movable: the C struct points into it.
class MetricComparison {
 public:
  MetricComparison(const ScenarioKey& scenario, const Metric& metric, double rel_gate);
  MetricComparison(const MetricComparison&) = delete;
  MetricComparison& operator=(const MetricComparison&) = delete;

  void add(bool head, double value, std::uint64_t block, std::uint64_t seed);
  /// What the rate that was added last is made of; without a call for every value the rates themselves are averaged.
  void add_parts(bool head, double numerator, double denominator);
  /// Some runs of a side of several lack the parts of their rate.
  bool lacks_parts() const { return metric_.fold == Fold::kPooled && (baseline_.lacks_parts() || head_.lacks_parts()); }
  /// Points the C struct at the values; after the last add.
  void finish(bool paired, bool deterministic, bool cached);

  const ktstr_comparison& c_struct() const { return comparison_; }
  const ScenarioKey& scenario() const { return key_; }
  const Metric& metric() const { return metric_; }

 private:
  struct Side {
    std::vector<double> values;
    std::vector<std::uint64_t> blocks, seeds;
    double numerator = 0, denominator = 0;
    std::size_t parts = 0;  ///< values whose numerator and denominator are known
    bool lacks_parts() const { return values.size() > 1 && parts < values.size(); }
    double estimate(Fold fold) const;
    ktstr_samples samples(bool paired) const;
  };
  ScenarioKey key_;
  const Metric& metric_;
  double rel_gate_;
  Side baseline_, head_;
  ktstr_scenario scenario_{};
  ktstr_comparison comparison_{};
};

struct ComparisonOptions {
  bool cached = true;
  double uniform_rel_gate = -1;  ///< --threshold as a fraction; negative: each metric's own
  std::string filter;            ///< glob on test names; empty: all
  const MetricRegistry* metrics = nullptr;  ///< null: the built-in ones
};

struct ComparisonSet {
  std::vector<std::unique_ptr<MetricComparison>> metrics;  ///< sorted by scenario, then in registry order
  std::uint64_t scenarios = 0;                             ///< present on both sides
  std::uint64_t only_head = 0, only_baseline = 0;          ///< "new" and "removed"
  std::uint64_t excluded = 0;                              ///< scenarios with a side of which no run passed
  std::uint64_t baseline_runs = 0, head_runs = 0;          ///< sidecars that contributed
  std::uint64_t baseline_seen = 0, head_seen = 0;          ///< performance sidecars of each side, passed or not
  std::vector<std::string> notes;                          ///< one line each
};

/// Pairs the performance-mode sidecars of two sides. Runs that did not pass contribute no numbers.
ComparisonSet compare_sides(const std::vector<SidecarRecord>& baseline, const std::vector<SidecarRecord>& head, const ComparisonOptions& options);

}  // namespace ktstr
