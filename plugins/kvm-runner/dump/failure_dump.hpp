// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sidecar/sidecar.hpp"

namespace ktstr::kvm {

/// What the host keeps beside the sidecar of a test that did not pass.
struct FailureDump {
  std::string json;    ///< everything, with the report's sections
  std::string report;  ///< the same for people
};

/// In deterministic mode the same in every run of a guest that ends by itself.
FailureDump make_failure_dump(const TestSpec& test, const RunFacts& facts, const MachineOutcome& machine,
                              const Verdict& verdict);

}  // namespace ktstr::kvm
