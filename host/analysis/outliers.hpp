// SPDX-License-Identifier: Apache-2.0
//
// Which results of one run stand out. Pure.
#pragma once
#include <string>
#include <vector>

#include "metrics/metric_registry.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

enum class OutlierRule {
  kRobust,  ///< within a scenario over its topologies: median and MAD, both polarities
  kSigma,   ///< a scenario's mean above mean + 2 standard deviations of all results, lower-is-better metrics
            ///< only
};

inline constexpr std::size_t kEnoughForOutliers = 5;  ///< fewer values have no middle to stand out from

struct Outlier {
  std::string scenario, metric, unit;
  double value = 0;                   ///< the worst result, or the scenario's mean
  double centre = 0;                  ///< median, or the mean of all results
  double deviations = 0;              ///< how many (robust) standard deviations away; negative: below
  std::vector<std::string> worst_on;  ///< topologies, sorted
};

struct OutlierReport {
  OutlierRule rule = OutlierRule::kRobust;
  std::vector<Outlier> found;  ///< farthest first
  std::size_t judged = 0;      ///< scenario and metric pairs that had enough values
};

/// Results of runs that did not pass have no say: they stand out by themselves.
OutlierReport find_outliers(const std::vector<const SidecarRecord*>& records, const MetricRegistry& metrics,
                            OutlierRule rule);

}  // namespace ktstr
