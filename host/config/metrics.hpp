// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "config/value_shape.hpp"
#include "metrics/metric_registry.hpp"

namespace ktstr {

/// One row of a "metrics" array.
extern const ObjectShape kMetricShape;

/// Adds the rows of a "metrics" array; throws Mistake, also when a name or place is taken. `by`: who declares
/// them, "the project".
void add_metrics(const Located& list, const std::string& by, MetricRegistry& metrics);

}  // namespace ktstr
