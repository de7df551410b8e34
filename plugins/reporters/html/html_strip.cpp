// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "display.hpp"
#include "document/shown_text.hpp"
#include "html/html_plot.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kMostPoints = 100;  // of a side

std::vector<double> finite(const std::vector<double>& values) {
  std::vector<double> out;
  std::copy_if(values.begin(), values.end(), std::back_inserter(out),
               [](double v) { return std::isfinite(v); });
  return out;
}

/// Evenly thinned.
std::string points(const std::vector<double>& values, const PlotAxis& axis, bool head) {
  std::string out;
  const std::size_t step = values.size() / kMostPoints + 1;
  for (std::size_t i = 0; i < values.size(); i += step) {
    const std::string x = axis.coordinate(values[i]);
    out += "<circle class=\"" + std::string(head ? "h" : "b") + "\" cx=\"" + x + "\" cy=\"" +
           (head ? "26" : "10") + "\" r=\"4\"/>";
  }
  return out;
}

}  // namespace

std::string html_strip(const Change& change) {
  const std::vector<double> before = finite(change.baseline), after = finite(change.head);
  std::vector<double> all = before;
  all.insert(all.end(), after.begin(), after.end());
  const bool interval = std::isfinite(change.ci_low) && std::isfinite(change.ci_high) &&
                        std::isfinite(change.before) && change.before > 0;
  const double low_end = std::max(change.ci_low, 0.0) * change.before,
               high_end = change.ci_high * change.before;
  if (interval) all.insert(all.end(), {low_end, high_end});
  if (before.empty() || after.empty()) return {};
  const auto [low, high] = std::minmax_element(all.begin(), all.end());
  const PlotAxis axis(*low, *high, kPlotLeft, kPlotRight);
  const std::string least = quantity(*low, change.unit), most = quantity(*high, change.unit);
  const std::string said = "values from " + least + " to " + most +
                           (axis.logarithmic() ? ", logarithmic" : "") + ": baseline above, HEAD below" +
                           (interval ? ", with the 95 % interval of HEAD" : std::string());
  std::string out = "<svg viewBox=\"0 0 240 46\" role=\"img\" aria-label=\"" + xml_escaped(said) +
                    "\"><line class=\"a\" x1=\"8\" y1=\"34\" x2=\"232\" y2=\"34\"/>";
  if (interval) {
    const std::string from = axis.coordinate(low_end), to = axis.coordinate(high_end);
    out += "<line class=\"i\" x1=\"" + from + "\" y1=\"26\" x2=\"" + to + "\" y2=\"26\"/>";
  }
  out += points(before, axis, false) + points(after, axis, true);
  return out + "<text x=\"8\" y=\"44\">" + xml_escaped(least) +
         "</text><text class=\"e\" x=\"232\" y=\"44\">" + xml_escaped(most) + "</text></svg>";
}

}  // namespace ktstr::reporters
