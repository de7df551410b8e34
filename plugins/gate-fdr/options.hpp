// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace ktstr::fdr {

struct Options {
  double q = 0.05;            ///< level, after adjustment for all comparisons of a call
  double prior_df = 12;       ///< most degrees of freedom that history or the other metrics weigh
  double margin = 0;          ///< part of the relative gate that a change must exceed, for sure
  double session_spread = 1;  ///< variance between sessions over the variance between runs
  bool strict = false;        ///< Holm instead of Benjamini and Hochberg
  bool extremes = false;      ///< maxima gate too
};

extern const std::string kOptionsSchema;

/// Throws sdk::Error naming the option that is wrong or unknown.
Options parse_options(std::string_view json);

}  // namespace ktstr::fdr
