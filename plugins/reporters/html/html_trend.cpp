// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>

#include "display.hpp"
#include "document/shown_text.hpp"
#include "html/html_plot.hpp"

namespace ktstr::reporters {
namespace {

constexpr double kTop = 6, kBottom = 40;  // of a view 58 high

/// A mark that tells what it is when somebody points at it.
std::string mark(const char* style, const std::string& x, const std::string& y, const std::string& said) {
  return "<circle class=\"" + std::string(style) + "\" cx=\"" + x + "\" cy=\"" + y + "\" r=\"3\"><title>" +
         xml_escaped(shown_line(said, 200)) + "</title></circle>";
}

std::vector<EarlierFigure> usable(const std::vector<EarlierFigure>& history) {
  std::vector<EarlierFigure> out;
  std::copy_if(history.begin(), history.end(), std::back_inserter(out), [](const EarlierFigure& one) {
    return std::isfinite(one.mean) && std::isfinite(one.low) && std::isfinite(one.high) && one.runs >= 1 &&
           one.runs < 1e9;
  });
  return out;
}

}  // namespace

std::string html_trend(const Change& change) {
  const std::vector<EarlierFigure> history = usable(change.history);
  if (history.empty() || !std::isfinite(change.before) || !std::isfinite(change.after)) return {};
  double low = std::min(change.before, change.after), high = std::max(change.before, change.after);
  for (const EarlierFigure& one : history) low = std::min(low, one.low), high = std::max(high, one.high);
  const PlotAxis up(low, high, kBottom, kTop);
  const double last = static_cast<double>(history.size() + 1);  // both sides come after what is earlier
  const auto place = [&](double index) {
    return plot_coordinate(kPlotLeft + index / last * (kPlotRight - kPlotLeft));
  };
  std::string line, ranges, marks;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const EarlierFigure& one = history[i];
    const std::string x = place(static_cast<double>(i)), y = up.coordinate(one.mean);
    line += x + "," + y + " ";
    ranges += "<line class=\"r\" x1=\"" + x + "\" y1=\"" + up.coordinate(one.low) + "\" x2=\"" + x +
              "\" y2=\"" + up.coordinate(one.high) + "\"/>";
    marks += mark("p", x, y,
                  one.commit + " " + one.when + ": " + quantity(one.mean, change.unit) + " (" +
                      count_of(static_cast<std::uint64_t>(one.runs), "run", "runs") + ")");
  }
  for (const bool head : {false, true}) {
    const double value = head ? change.after : change.before;
    const std::string x = place(head ? last : last - 1), y = up.coordinate(value);
    line += x + "," + y + " ";
    marks += mark(head ? "h" : "b", x, y,
                  std::string(head ? "HEAD: " : "baseline: ") + quantity(value, change.unit));
  }
  KTSTR_ASSERT(!history.empty());
  const std::string said = "the last " + count_of(history.size(), "measurement", "measurements") +
                           " before, from " + quantity(low, change.unit) + " to " +
                           quantity(high, change.unit) + (up.logarithmic() ? ", logarithmic" : "") +
                           "; baseline and HEAD at the end";
  return "<svg viewBox=\"0 0 240 58\" role=\"img\" aria-label=\"" + xml_escaped(said) + "\">" + ranges +
         "<polyline class=\"t\" points=\"" + line + "\"/>" + marks + "<text x=\"8\" y=\"54\">" +
         xml_escaped(shown_line(history.front().commit, 12)) +
         "</text><text class=\"e\" x=\"232\" y=\"54\">HEAD</text></svg>";
}

}  // namespace ktstr::reporters
