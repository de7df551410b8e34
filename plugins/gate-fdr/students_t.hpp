// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ktstr::fdr {

/// The share of Student's t distribution above t. Defined for every t; NaN for df <= 0 and for NaN.
double upper_tail(double df, double t);

/// The t above which `tail` of the distribution lies.
double critical(double df, double tail);

}  // namespace ktstr::fdr
