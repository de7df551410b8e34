// SPDX-License-Identifier: Apache-2.0
//
// p values adjusted for being many. What is not tested (NaN) is not counted and stays NaN.
#pragma once
#include <span>
#include <vector>

namespace ktstr::fdr {

/// Benjamini and Hochberg, JRSS B 57 (1995): rejecting what is at most q keeps the expected share of false
/// findings at q, and the chance of any finding at q when nothing changed.
std::vector<double> benjamini_hochberg(std::span<const double> p);

/// Their two-stage form (Benjamini, Krieger, Yekutieli, Biometrika 93, 2006) for the level `q`: what a first
/// pass finds is taken out of the number of comparisons that may be null, so that a change which moved many
/// metrics does not hide its smaller effects. Both passes run at q / (1 + q), for which the rate is proven;
/// the values are scaled so that, as usual, at most q means rejected.
struct TwoStage {
  std::vector<double> q;
  double level;  ///< p that one more finding would need is level times one more than the number of findings
};
TwoStage two_stage(std::span<const double> p, double q);

/// Holm, Scandinavian Journal of Statistics 6 (1979): keeps the chance of even one false finding at q,
/// whatever else changed.
std::vector<double> holm(std::span<const double> p);

}  // namespace ktstr::fdr
