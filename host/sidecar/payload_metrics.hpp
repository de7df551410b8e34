// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

/// A number that a payload printed, or that a scheduler printed or kept, with what the test's manifest says
/// of it.
struct PayloadMetricRecord {
  std::string name;  ///< "PAYLOAD.METRIC" or "SCHEDULER.METRIC", its key in stats.ext_metrics
  std::string unit;
  std::uint32_t polarity = 0;  ///< KTSTR_LOWER_IS_BETTER …; informational when the manifest does not say
  double value = 0;            ///< finite
};

/// Those of a sidecar's `metrics`: of each payload its last run's. What is not of that form is left out, and
/// so is what would be too much.
std::vector<PayloadMetricRecord> read_payload_metrics(const json::value& metrics);

}  // namespace ktstr
