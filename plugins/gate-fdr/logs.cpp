// SPDX-License-Identifier: Apache-2.0
#include "logs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ktstr::fdr {

double Scale::operator()(double value) const {
  if (plain) return value / reference;
  const double shifted = value + offset, difference = shifted - reference;
  // The difference of neighbours is exact, which their quotient is not: 1e9 + {1, 2, 3} keeps its spread.
  if (std::fabs(difference) < reference / 2) return std::log1p(difference / reference);
  const double quotient = shifted / reference;
  return quotient > 0 && std::isfinite(quotient) ? std::log(quotient)
                                                 : std::log(shifted) - std::log(reference);
}

double Scale::rounding_variance(double scaled) const {
  if (resolution == 0) return 0;
  const double step = resolution / reference, relative = plain ? step : step / std::exp(scaled);
  return relative * relative / 12;
}

Scale scale_of(const ktstr_comparison& comparison) {
  double lowest = std::numeric_limits<double>::infinity(), largest = 0, smallest_positive = lowest,
         first_positive = 0;
  for (const ktstr_samples* side : {comparison.baseline, comparison.head}) {
    for (std::uint64_t i = 0; i < side->count; ++i) {
      const double value = side->values[i];
      if (!std::isfinite(value)) continue;
      lowest = std::min(lowest, value);
      largest = std::max(largest, std::fabs(value));
      if (!(value > 0)) continue;
      smallest_positive = std::min(smallest_positive, value);
      if (first_positive == 0) first_positive = value;
    }
  }
  Scale scale;
  const bool count = comparison.metric_class == KTSTR_CLASS_COUNT;
  scale.resolution = comparison.resolution > 0 && std::isfinite(comparison.resolution) ? comparison.resolution
                     : count                                                           ? 1
                                                                                       : 0;
  if (lowest < 0) {
    scale.plain = true;
    scale.reference = largest;
    return scale;
  }
  if (first_positive == 0) {  // every value is 0
    scale.offset = 1;
    return scale;
  }
  if (count || lowest == 0) scale.offset = scale.resolution > 0 ? scale.resolution : smallest_positive;
  scale.reference = first_positive + scale.offset;
  return scale;
}

}  // namespace ktstr::fdr
