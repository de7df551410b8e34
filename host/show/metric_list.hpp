// SPDX-License-Identifier: Apache-2.0
//
// The registry as people and programs read it; the parts of rates are left out. Pure.
#pragma once
#include <string>
#include <vector>

#include "metrics/metric_registry.hpp"
#include "support/json.hpp"

namespace ktstr {

std::vector<std::vector<std::string>> metric_list_table(const MetricRegistry& metrics);
/// A few lines for each metric, everything said.
std::string metric_details_text(const MetricRegistry& metrics, std::size_t width);
json::object metric_list_json(const MetricRegistry& metrics);

}  // namespace ktstr
