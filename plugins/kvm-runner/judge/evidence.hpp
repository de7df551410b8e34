// SPDX-License-Identifier: Apache-2.0
//
// A result is evidence, not a claim: it is held against what the host knows and saw by itself, and against
// itself.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "machine/observation.hpp"
#include "manifest/test_spec.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// What the host knows of a run before it begins.
struct RunTerms {
  std::string nonce;  ///< given to the agent in the mailbox, where it reads it once and wipes it; its result
                      ///< must carry it
  bool virtual_time = false;  ///< the guest's clock counts instructions: the host's says nothing of it
  std::uint32_t host_cores = 1;
};

/// Every way in which the result cannot be true, safe to print; empty when it may well be. The bounds are
/// loose enough for clocks that are a little off and for hosts that are very busy.
std::vector<std::string> contradictions(const TestSpec& test, const AgentResult& result,
                                        const Observation& seen, const RunTerms& terms);

}  // namespace ktstr::kvm
