// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "display.hpp"
#include "document/shown_text.hpp"
#include "html/html_plot.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kMostSpans = 40;

std::string said_of(const TimelineSpan& span) {
  return xml_escaped(shown_line(span.label.empty() ? "(no name)" : span.label, 80) + ": " +
                     quantity(span.begin_ms, "ms") + " to " + quantity(span.end_ms, "ms"));
}

}  // namespace

std::string html_timeline(const TestResult& test) {
  std::vector<TimelineSpan> spans;
  for (const TimelineSpan& span : test.timeline) {
    const bool fine = std::isfinite(span.begin_ms) && std::isfinite(span.end_ms) && span.begin_ms >= 0 &&
                      span.end_ms >= span.begin_ms && span.end_ms < 1e12;
    if (fine && spans.size() < kMostSpans) spans.push_back(span);
  }
  double last = 0;
  for (const TimelineSpan& span : spans) last = std::max(last, span.end_ms);
  if (!(last > 0)) return {};
  std::string bars, list;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const auto place = [&](double ms) { return kPlotLeft + ms / last * (kPlotRight - kPlotLeft); };
    const double from = place(spans[i].begin_ms), width = std::max(place(spans[i].end_ms) - from, 1.0);
    const std::string said = said_of(spans[i]);
    bars += "<rect class=\"" + std::string(i % 2 == 0 ? "h" : "p") + "\" x=\"" + plot_coordinate(from) +
            "\" y=\"4\" width=\"" + plot_coordinate(width) + "\" height=\"14\"><title>" + said +
            "</title></rect>";
    list += "<li>" + said + "</li>";
  }
  const std::string phases = count_of(spans.size(), "phase", "phases"), end = quantity(last, "ms");
  const std::string left_out =
      test.timeline.size() > spans.size() ? "<p>more phases are left out here</p>" : "";
  return "<details><summary>" + phases + "</summary><svg viewBox=\"0 0 240 32\" role=\"img\" aria-label=\"" +
         phases + " in " + xml_escaped(end) + ", listed below\">" + bars +
         "<text x=\"8\" y=\"30\">0</text><text class=\"e\" x=\"232\" y=\"30\">" + xml_escaped(end) +
         "</text></svg><ol>" + list + "</ol>" + left_out + "</details>";
}

}  // namespace ktstr::reporters
