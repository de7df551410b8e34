// SPDX-License-Identifier: Apache-2.0
#include "show/outliers.hpp"

#include <cmath>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>

#include "support/table.hpp"

namespace ktstr {
namespace {

/// "12.3", and enough digits for what is small.
std::string brief(double value) {
  return value == 0 || std::fabs(value) >= 1 ? fixed(value, 1) : significant(value, 2);
}

}  // namespace

std::string outliers_text(const OutlierReport& report, std::size_t width) {
  if (report.judged == 0) {
    return hanging(report.rule == OutlierRule::kSigma
                       ? "No outliers: there are no two results to compare."
                       : "No outliers: no scenario has results on " + std::to_string(kEnoughForOutliers) +
                             " topologies or more to compare.",
                   width, 2);
  }
  if (report.found.empty()) return "No outliers detected.\n";
  std::string out = report.rule == OutlierRule::kSigma
                        ? "Outliers (scenario's mean above mean + 2σ of all results):\n"
                        : "Outliers (within a scenario, robust z above 3.5 and past the metric's gates):\n";
  out = hanging(out.substr(0, out.size() - 1), width, 2);
  for (const Outlier& o : report.found) {
    const std::string unit = o.unit.empty() ? "" : " " + o.unit;
    out += hanging("  " + printable(o.scenario) + ": " + o.metric + " " + brief(o.value) + unit + " (" +
                       (report.rule == OutlierRule::kSigma ? "overall avg " : "median ") + brief(o.centre) +
                       ", " + (o.deviations > 0 ? "+" : "") + brief(o.deviations) + "σ)",
                   width, 6);
    out += hanging("    worst on: " + printable(join(o.worst_on, ", ")), width, 6);
  }
  return out;
}

json::value outliers_json(const OutlierReport& report) {
  json::array found;
  for (const Outlier& o : report.found) {
    found.push_back({{"scenario", o.scenario},
                     {"metric", o.metric},
                     {"unit", o.unit},
                     {"value", o.value},
                     {"centre", o.centre},
                     {"deviations", o.deviations},
                     {"worst_on", json::array(o.worst_on.begin(), o.worst_on.end())}});
  }
  return {{"rule", report.rule == OutlierRule::kSigma ? "sigma" : "robust"},
          {"judged", report.judged},
          {"found", std::move(found)}};
}

}  // namespace ktstr
