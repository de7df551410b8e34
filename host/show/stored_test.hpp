// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "metrics/metric_registry.hpp"
#include "pool/stored_test.hpp"
#include "support/json.hpp"

namespace ktstr {

std::string stored_tests_text(const std::vector<StoredTest>& tests, const MetricRegistry& metrics,
                              std::size_t width);
json::object stored_tests_json(const std::vector<StoredTest>& tests, const MetricRegistry& metrics);

}  // namespace ktstr
