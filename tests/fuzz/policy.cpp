// SPDX-License-Identifier: Apache-2.0
//
// Filters stand in policies, so their reader is fuzzed along.
#include "compare/policy.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ktstr::MetricRegistry metrics;
  const auto policy = ktstr::Policy::parse({reinterpret_cast<const char*>(data), size}, "input", metrics);
  if (!policy) return 0;
  for (const ktstr::FilterSubject& scenario :
       {ktstr::FilterSubject{"wake", "1n1l2c1t", "s", "PipeIo"}, ktstr::FilterSubject{}}) {
    for (const ktstr::Metric& metric : metrics.rows()) static_cast<void>(policy->rule(metric, scenario));
  }
  return 0;
}
