// SPDX-License-Identifier: Apache-2.0
#include "html/html_plot.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ktstr/kit/assert.hpp>

namespace ktstr::reporters {

PlotAxis::PlotAxis(double low, double high, double first, double last)
    : logarithmic_(low > 0 && high > 3 * low),
      low_(scaled(low)),
      high_(scaled(high)),
      first_(first),
      last_(last) {
  KTSTR_ASSERT(low_ <= high_);
}

double PlotAxis::scaled(double value) const {
  return logarithmic_ ? std::log(std::max(value, 1e-300)) : value;
}

std::string PlotAxis::coordinate(double value) const {
  const double part = high_ > low_ ? (scaled(value) - low_) / (high_ - low_) : 0.5;
  return plot_coordinate(first_ + std::clamp(part, 0.0, 1.0) * (last_ - first_));
}

std::string plot_coordinate(double place) {
  std::array<char, 32> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), place, std::chars_format::fixed, 1);
  return {buffer.data(), end.ptr};
}

}  // namespace ktstr::reporters
