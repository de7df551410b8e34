// SPDX-License-Identifier: Apache-2.0
//
// A change as pictures: SVG elements without scripts, well-formed XML.
#pragma once
#include <string>

#include "document/collected.hpp"

namespace ktstr::reporters {

inline constexpr double kPlotLeft = 8, kPlotRight = 232;  ///< of views that are 240 wide

/// From values to places of a view; logarithmic when they lie far apart, as in the terminal's strip.
class PlotAxis {
 public:
  /// `first` and `last`: where `low` and `high` are.
  PlotAxis(double low, double high, double first, double last);
  bool logarithmic() const { return logarithmic_; }
  std::string coordinate(double value) const;  ///< with one decimal

 private:
  double scaled(double value) const;
  bool logarithmic_;
  double low_, high_, first_, last_;
};

/// A place with one decimal, independent of the locale.
std::string plot_coordinate(double place);

/// Where the values of both sides lie, and the interval of HEAD's estimate. Empty when there is nothing to
/// show.
std::string html_strip(const Change& change);

/// What the metric was in earlier commits and sessions, from left to right, and both sides at the end. Empty
/// without anything earlier.
std::string html_trend(const Change& change);

/// The phases of a test's scenario as a strip of bars and as a list, folded. Empty without any.
std::string html_timeline(const TestResult& test);

}  // namespace ktstr::reporters
