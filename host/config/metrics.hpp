// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "core/metric_registry.hpp"
#include "support/json.hpp"

namespace ktstr {

/// Adds the rows of a configuration's "metrics" array; a name or place that is taken is an error.
Status add_metrics(const json::value& list, const std::string& where, MetricRegistry& metrics);

}  // namespace ktstr
