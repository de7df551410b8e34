// SPDX-License-Identifier: Apache-2.0
//
// What the gates' opinions add up to: of one row, and of the whole invocation. Pure.
#pragma once
#include <ktstr/abi/gate.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/metric_registry.hpp"
#include "support/result.hpp"

namespace ktstr {

/// A finding needs every gate, in the same direction. Any gate that says no decides; if none does but one could not tell, nobody can.
/// Numbers come from the first gate that gives them.
ktstr_verdict combine_verdicts(const std::vector<const ktstr_verdict*>& opinions);

struct GatePolicy {
  std::uint64_t fail_threshold = 5;     ///< 0: counting is off
  std::vector<std::string> must_fail;   ///< metrics whose regression alone fails
};

struct VerdictCounts {
  std::uint64_t regressed = 0, improved = 0, unchanged = 0, inconclusive = 0, informational = 0;
};

enum class Overall { kPass, kFail, kEmpty, kInconclusive };
const char* overall_name(Overall overall);
ExitCode exit_code_of(Overall overall);

class VerdictCounter {
 public:
  void add(const std::string& metric, std::uint32_t polarity, std::uint32_t outcome);
  const VerdictCounts& counts() const { return counts_; }
  /// kEmpty when nothing was added.
  Overall overall(const GatePolicy& policy) const;
  /// Metrics of --must-fail that did regress.
  std::vector<std::string> tripped(const GatePolicy& policy) const;

 private:
  VerdictCounts counts_;
  std::vector<std::string> regressed_metrics_;
};

/// --must-fail names must be in the registry and able to gate. `repeated`: both sides are run several times.
Status check_must_fail(const std::vector<std::string>& names, const MetricRegistry& metrics, bool repeated);

}  // namespace ktstr
