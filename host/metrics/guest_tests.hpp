// SPDX-License-Identifier: Apache-2.0
//
// Which of our own tests on real guests shows a metric: the name of a case of tests/vm/metrics_test.cpp,
// whose manifest is an example of what has it. That test holds the association against guests.
#pragma once
#include <string_view>

#include "metrics/metric.hpp"

namespace ktstr {

/// "AnyTest"; empty: nothing that we ship produces the metric.
std::string_view guest_test_of(const Metric& metric);

}  // namespace ktstr
