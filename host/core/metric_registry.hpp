// SPDX-License-Identifier: Apache-2.0
//
// Every metric that a comparison knows, as data. Adding one is adding a row.
#pragma once
#include <ktstr/abi/gate.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

/// How a metric's values of several runs become one number.
enum class Fold { kMean, kMax };

struct Metric {
  std::string_view name;
  std::uint32_t polarity;      ///< KTSTR_LOWER_IS_BETTER …
  std::uint32_t metric_class;  ///< KTSTR_CLASS_*
  double abs_gate;             ///< in `unit`
  double rel_gate;             ///< 0.25 is 25 %
  std::string_view unit;       ///< empty: a plain number
  Fold fold;
  std::string_view path;       ///< where a sidecar has it: keys joined by dots
  bool zero_is_absent;         ///< writers use 0 for "not measured"
  std::string_view description;
};

std::span<const Metric> metric_registry();
const Metric* find_metric(std::string_view name);
std::vector<std::string> metric_names();
/// "lower", "higher" or "informational".
std::string_view polarity_name(std::uint32_t polarity);

}  // namespace ktstr
