// SPDX-License-Identifier: Apache-2.0
//
// From what a machine did to what a test's outcome is. Pure.
//   failed        an assertion, the scheduler, the guest kernel or the guest's agent
//   inconclusive  the test ran, but there is nothing (readable, believable) to judge it by, the host had no
//                 time for it, or it was interrupted
//   error         the environment: the guest never booted, or QEMU went away under it
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "judge/evidence.hpp"
#include "judge/findings.hpp"
#include "machine/machine.hpp"
#include "manifest/test_spec.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

struct Verdict {
  Outcome outcome = Outcome::kError;
  std::vector<std::string> lines;     ///< empty when passed as usual; safe to print; the most important first
  bool expected_failure = false;      ///< failed as the test is meant to; the outcome is kPassed
  std::optional<AgentResult> result;  ///< when there is a readable one, whatever the outcome
};

Verdict judge(const TestSpec& test, const MachineOutcome& machine, const RunTerms& terms);

const char* stage_phrase(Stage stage);  ///< "while the scenario was running"

/// The console line that says best why a kernel went down, safe to print; empty when there is none.
std::string telling_console_line(std::string_view console);

}  // namespace ktstr::kvm
