// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/gate.h>

#include <ktstr/kit/stats.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compare/policy.hpp"
#include "metrics/metric_registry.hpp"

namespace ktstr {

/// One scenario: what must be equal on both sides for their numbers to be compared.
struct ScenarioKey {
  std::string test, topology, scheduler, work_type, kernel, accelerator, time_source;
  auto operator<=>(const ScenarioKey&) const = default;
  FilterSubject subject() const { return {test, topology, scheduler, work_type}; }
};

/// "wakeups 1n1l2c1t my_sched", safe to show.
std::string shown(const ScenarioKey& key);

/// A verdict that needs no gate: one side has no values, and why is known.
struct Settled {
  std::uint32_t outcome = KTSTR_INCONCLUSIVE;
  std::string text;
};

/// What a gate cannot know of the values that it sees, and how far its verdict stands in spite of it.
struct Caution {
  bool unchanged_stands = false;  ///< false: only "regressed" does
  std::string text;               ///< empty: none
};

/// One metric of one scenario with everything a ktstr_comparison points to. Not movable: the C struct points
/// into it.
class MetricComparison {
 public:
  /// `phase`: label of the phase that the values come from; empty: the whole run.
  MetricComparison(const ScenarioKey& scenario, const Metric& metric, const MetricRule& rule,
                   std::string phase = {});
  MetricComparison(const MetricComparison&) = delete;
  MetricComparison& operator=(const MetricComparison&) = delete;

  /// `host_speed`: of the run (SidecarRecord::host_speed); what a gate may allow for.
  void add(bool head, double value, std::uint64_t block, std::uint64_t seed, double host_speed = kit::kNaN);
  /// What the rate that was added last is made of; without a call for every value the rates themselves are
  /// averaged.
  void add_parts(bool head, double numerator, double denominator);
  /// Some runs of a side of several lack the parts of their rate.
  bool lacks_parts() const {
    return metric_.fold == Fold::kPooled && (baseline_.lacks_parts() || head_.lacks_parts());
  }
  /// Points the C struct at the values; after the last add.
  void finish(bool paired, bool deterministic, bool cached);
  void set_history(const ktstr_history& history) { history_ = history; }
  /// The values are those of one cgroup. Before finish().
  void set_cgroup(std::string cgroup) { cgroup_ = std::move(cgroup); }
  /// The row tells of another metric too, so that it has no row of its own.
  void stands_for(std::string name) { also_.push_back(std::move(name)); }
  void settle(Settled verdict) { settled_ = std::move(verdict); }
  void set_caution(Caution caution) { caution_ = std::move(caution); }
  /// A regression of a declared gate fails the invocation by itself.
  void set_declared() {
    declared_ = true;
    set_named();
  }
  /// Somebody asks for this metric by name: an extreme is judged like any other then. Before or after
  /// `finish`.
  void set_named() {
    named_ = true;
    comparison_.metric_class = judged_class();
  }
  /// In real time, guests with more CPUs than the host had for them: the numbers are shown, and gate only
  /// when somebody names the metric.
  void set_overcommitted() { overcommitted_ = true; }

  const ktstr_comparison& c_struct() const { return comparison_; }
  const ScenarioKey& scenario() const { return key_; }
  const Metric& metric() const { return metric_; }
  /// As people write it: "worst_gap_ms", "web/max_gap_ms".
  const std::string& name() const { return name_; }
  const std::string& cgroup() const { return cgroup_; }  ///< empty: of the whole run
  const std::vector<std::string>& also() const { return also_; }
  bool is_named(std::string_view name) const;
  const std::optional<Settled>& settled() const { return settled_; }
  const Caution& caution() const { return caution_; }
  const MetricRule& rule() const { return rule_; }
  const std::string& phase() const { return phase_; }
  bool declared() const { return declared_; }
  bool overcommitted() const { return overcommitted_; }
  /// Informational metrics never do, once a gate declares them so, and neither do those of overcommitted
  /// guests that no test names.
  bool gates() const { return rule_.polarity != KTSTR_INFORMATIONAL && (!overcommitted_ || declared_); }
  /// What metrics of one family have in common within a scenario: one cgroup's are a family of their own.
  std::string family() const;

 private:
  struct Side {
    std::vector<double> values, host_speeds;
    std::vector<std::uint64_t> blocks, seeds;
    double numerator = 0, denominator = 0;
    std::size_t parts = 0;  ///< values whose numerator and denominator are known
    bool lacks_parts() const { return values.size() > 1 && parts < values.size(); }
    double estimate(Fold fold) const;
    ktstr_samples samples(bool paired) const;
  };
  std::uint32_t judged_class() const {
    return named_ && metric_.metric_class == KTSTR_CLASS_EXTREME ? KTSTR_CLASS_RATIO : metric_.metric_class;
  }

  ScenarioKey key_;
  const Metric& metric_;
  MetricRule rule_;
  std::string phase_, cgroup_, name_;
  std::vector<std::string> also_;
  std::optional<Settled> settled_;
  Caution caution_;
  bool declared_ = false, named_ = false, overcommitted_ = false;
  Side baseline_, head_;
  ktstr_scenario scenario_{};
  ktstr_samples baseline_samples_{}, head_samples_{};
  ktstr_history history_{};
  std::string extra_json_ = "{}";
  ktstr_comparison comparison_{};
};

/// What a gate is told of how fast the runs' hosts were, in the order of the sides' values (extra_json of a
/// comparison); "{}" where one is not known.
std::string host_speeds_json(std::span<const double> baseline, std::span<const double> head);

/// Nothing is known of earlier sessions.
ktstr_history unknown_history();

/// (max - min) / |mean| of a side in percent; infinite around a mean of 0, NaN without values.
double spread_percent(const ktstr_samples& side);

}  // namespace ktstr
