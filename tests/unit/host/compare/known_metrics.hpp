// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "metrics/metric_registry.hpp"

namespace ktstr {

inline const MetricRegistry kMetrics;
inline const Metric* known(std::string_view name) { return kMetrics.find(name); }

}  // namespace ktstr
