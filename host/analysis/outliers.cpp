// SPDX-License-Identifier: Apache-2.0
#include "analysis/outliers.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <set>

#include "support/table.hpp"

namespace ktstr {
namespace {

// Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): the modified z score 0.6745 (x - median)
// / MAD, outlying above 3.5; where more than half of the values are equal the MAD is 0 and 1.2533 times the
// mean absolute deviation takes its place.
constexpr double kMadToSigma = 1 / 0.6745, kMeanDeviationToSigma = 1.253314, kFarAway = 3.5;
constexpr double kTwoSigma = 2;

struct Row {
  double value;
  const SidecarRecord* record;
};

using Rows = std::vector<Row>;

template <typename Value>
std::vector<double> map_rows(const Rows& rows, Value value) {
  std::vector<double> out;
  for (const Row& row : rows) out.push_back(value(row));
  return out;
}

Rows rows_of(const std::vector<const SidecarRecord*>& records, const Metric& metric) {
  Rows rows;
  for (const SidecarRecord* record : records) {
    if (const auto it = record->values.find(metric.name); it != record->values.end())
      rows.push_back({it->second, record});
  }
  return rows;
}

std::vector<std::string> topologies(const std::vector<const SidecarRecord*>& records) {
  std::set<std::string> names;
  for (const SidecarRecord* record : records) names.insert(record->topology);
  return {names.begin(), names.end()};
}

/// Adds what stands out of one scenario's values of one metric.
void judge_robustly(const std::string& scenario, const Metric& metric, const Rows& rows,
                    OutlierReport& report) {
  if (rows.size() < kEnoughForOutliers) return;
  ++report.judged;
  const double centre = kit::median(map_rows(rows, [](const Row& r) { return r.value; }));
  const auto distances = map_rows(rows, [&](const Row& r) { return std::fabs(r.value - centre); });
  const double mad = kit::median(distances);
  const double sigma = mad > 0 ? mad * kMadToSigma : kit::mean(distances) * kMeanDeviationToSigma;
  if (!(sigma > 0) || !std::isfinite(sigma)) return;
  const double worse = metric.polarity == KTSTR_HIGHER_IS_BETTER ? -1 : 1;
  std::vector<const SidecarRecord*> where;
  double worst = centre;
  for (const Row& row : rows) {
    const double distance = worse * (row.value - centre);
    const bool material = distance >= metric.abs_gate && distance >= metric.rel_gate * std::fabs(centre);
    if (distance / sigma <= kFarAway || !material) continue;
    where.push_back(row.record);
    if (worse * (row.value - worst) > 0) worst = row.value;
  }
  if (where.empty()) return;
  KTSTR_ASSERT(worse * (worst - centre) > 0 && where.size() < rows.size());
  report.found.push_back({scenario, std::string(metric.name), std::string(metric.unit), worst, centre,
                          (worst - centre) / sigma, topologies(where)});
}

void judge_by_sigma(const Metric& metric, const Rows& all, OutlierReport& report) {
  if (metric.polarity != KTSTR_LOWER_IS_BETTER || all.size() < 2) return;
  ++report.judged;
  const auto values = map_rows(all, [](const Row& r) { return r.value; });
  const double centre = kit::mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  KTSTR_ASSERT(squares >= 0);
  const double sigma = std::sqrt(squares / static_cast<double>(values.size() - 1));
  if (!(sigma > 1e-9) || !std::isfinite(sigma)) return;
  std::map<std::string, Rows> scenarios;
  for (const Row& row : all) scenarios[row.record->test].push_back(row);
  for (const auto& [scenario, rows] : scenarios) {
    const double own = kit::mean(map_rows(rows, [](const Row& r) { return r.value; }));
    if (own <= centre + kTwoSigma * sigma) continue;
    std::vector<const SidecarRecord*> where;
    for (const Row& row : rows) {
      if (row.value > centre + kTwoSigma * sigma) where.push_back(row.record);
    }
    report.found.push_back({scenario, std::string(metric.name), std::string(metric.unit), own, centre,
                            (own - centre) / sigma, topologies(where)});
  }
}

}  // namespace

OutlierReport find_outliers(const std::vector<const SidecarRecord*>& records, const MetricRegistry& metrics,
                            OutlierRule rule) {
  OutlierReport report;
  report.rule = rule;
  std::vector<const SidecarRecord*> good;
  std::map<std::string, std::vector<const SidecarRecord*>> scenarios;
  for (const SidecarRecord* record : records) {
    if (!record->counts()) continue;
    good.push_back(record);
    scenarios[record->test + " (" + record->scheduler + ", " + record->work_type + ")"].push_back(record);
  }
  for (const Metric& metric : metrics.rows()) {
    if (metric.polarity == KTSTR_INFORMATIONAL || !metric.compares(true)) continue;
    if (rule == OutlierRule::kSigma) {
      judge_by_sigma(metric, rows_of(good, metric), report);
    } else {
      for (const auto& [scenario, own] : scenarios)
        judge_robustly(scenario, metric, rows_of(own, metric), report);
    }
  }
  std::stable_sort(report.found.begin(), report.found.end(), [](const Outlier& a, const Outlier& b) {
    const double left = std::fabs(a.deviations), right = std::fabs(b.deviations);
    return left != right              ? left > right
           : a.scenario != b.scenario ? a.scenario < b.scenario
                                      : a.metric < b.metric;
  });
  return report;
}

}  // namespace ktstr
