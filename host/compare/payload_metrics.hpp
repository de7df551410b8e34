// SPDX-License-Identifier: Apache-2.0
//
// Metrics that only sidecars declare: a payload's numbers are compared like any other's, by the direction and
// the unit that the test's manifest gave them.
#pragma once
#include <memory>
#include <vector>

#include "metrics/metric_registry.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

/// Both sides with their payloads' numbers among the values, and a registry that knows these. Null when the
/// sidecars declare nothing that `metrics` does not know already.
struct WithPayloadMetrics {
  std::vector<SidecarRecord> baseline, head;
  MetricRegistry metrics;
};
std::shared_ptr<const WithPayloadMetrics> with_payload_metrics(const std::vector<SidecarRecord>& baseline,
                                                               const std::vector<SidecarRecord>& head,
                                                               const MetricRegistry& metrics);

}  // namespace ktstr
