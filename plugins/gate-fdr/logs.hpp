// SPDX-License-Identifier: Apache-2.0
//
// The scale on which a metric's noise is of one size: logarithms, so that a shift is a ratio. Metrics that
// may be 0 get one step added first; values below 0 have no logarithm and stay as they are.
#pragma once
#include <ktstr/abi/gate.h>

#include <cstdint>

namespace ktstr::fdr {

struct Scale {
  bool plain = false;     ///< values below 0: plain differences, in units of `reference`
  double reference = 1;   ///< what becomes 0 (1 on the plain scale)
  double offset = 0;      ///< added to every value before the logarithm
  double resolution = 0;  ///< smallest step of the metric, 0 when unknown

  double operator()(double value) const;
  /// Variance that rounding to `resolution` leaves in one reading at that level.
  double rounding_variance(double scaled) const;
};

/// The scale of a comparison's finite values of both sides together.
Scale scale_of(const ktstr_comparison& comparison);

}  // namespace ktstr::fdr
