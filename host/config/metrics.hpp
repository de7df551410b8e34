// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "metrics/metric_registry.hpp"
#include "support/json.hpp"

namespace ktstr {

/// Adds the rows of a "metrics" array; a name or place that is taken is an error. `by`: who declares them,
/// "the project".
Status add_metrics(const json::value& list, const std::string& where, const std::string& by,
                   MetricRegistry& metrics);

}  // namespace ktstr
