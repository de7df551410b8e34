// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "judge/findings.hpp"
#include "manifest/test_spec.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

/// What to say of a scheduler that did not attach, left or was ejected: the reason first, the fix where one
/// is known, then what else its author wants to read. Nothing twice.
void judge_scheduler_end(const TestSpec& test, const AgentResult& result, Findings& findings);

/// A scheduler that had no worker under it was not tested.
void judge_scheduler_reach(const SchedulerReport& scheduler, Findings& findings);

/// Why the verifier refused a program, from what libbpf printed.
struct Refusal {
  std::string program, reason;       ///< empty reason: nothing was refused
  std::vector<std::string> context;  ///< the verifier's lines just before, the source line among them
};
Refusal verifier_refusal(std::string_view log);
/// The end of what the verifier said of the program that it refused, safe to show; empty: it refused none.
std::vector<std::string> verifier_log(std::string_view log);

}  // namespace ktstr::kvm
