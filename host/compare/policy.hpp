// SPDX-License-Identifier: Apache-2.0
//
// The policy file of --policy: what size of change matters, and in which direction. Pure; docs/policy.md
// describes the file.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric_registry.hpp"
#include "select/filter.hpp"

namespace ktstr {

/// How one metric of one scenario is judged: the registry's row, or what a policy makes of it.
struct MetricRule {
  double abs_gate = 0, rel_gate = 0;
  std::uint32_t polarity = KTSTR_LOWER_IS_BETTER;
  auto operator<=>(const MetricRule&) const = default;
};

/// One level of a policy: for all scenarios, or for those of a filter.
struct PolicyLayer {
  std::string where;  ///< of the filter, "p.json: scenarios[0].filter"
  Filter filter;
  std::optional<double> default_rel;
  std::map<std::string, double, std::less<>> rel, abs;
  std::map<std::string, std::uint32_t, std::less<>> direction;
};

class Policy {
 public:
  /// Each metric's own gates.
  Policy() = default;
  /// --threshold: one relative gate for every metric.
  static Policy uniform(double rel_gate);
  /// Unknown keys, unknown metrics and negative values are errors that name the thing; `file` names the text.
  static Result<Policy> parse(std::string_view text, const std::string& file, const MetricRegistry& metrics);

  /// `names`: what the metric is called, the most special last; a layer's word on a later one counts.
  MetricRule rule(const Metric& metric, const FilterSubject& scenario,
                  const std::vector<std::string>& names) const;
  MetricRule rule(const Metric& metric, const FilterSubject& scenario) const {
    return rule(metric, scenario, {std::string(metric.name)});
  }
  /// In the order of the file, the one for all scenarios first.
  const std::vector<PolicyLayer>& layers() const { return layers_; }
  /// Every metric that it names.
  std::vector<std::string> names() const;

 private:
  std::vector<PolicyLayer> layers_;  ///< the last one that speaks wins
};

}  // namespace ktstr
