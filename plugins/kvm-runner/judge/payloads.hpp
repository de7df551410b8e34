// SPDX-License-Identifier: Apache-2.0
//
// What payloads printed, as numbers, and whether they did what the test wants of them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "judge/findings.hpp"
#include "manifest/test_spec.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm {

struct PayloadValue {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<std::string> direction;
  bool from_json = false;
};

/// The numbers of one run, in the manifest's order, or in that of its JSON.
std::vector<PayloadValue> payload_values(const PayloadSpec& payload, const PayloadRun& run);

/// Every number of a JSON document by its dotted path: `text` as a whole, or the first object or array in it
/// that is complete. Nothing when there is none.
std::optional<std::vector<PayloadValue>> numbers_in_json(const std::string& text);

/// The number that an expression or a path in JSON finds in a program's output, or else in its errors.
std::optional<double> value_in_output(const ProgramMetric& metric, const std::string& output,
                                      const std::string& errors = {});

/// Fails the test for a number that is out of its limits or has to be there; `owner`: "payload load".
void judge_metric(const std::string& owner, const ProgramMetric& metric, const std::optional<double>& value,
                  Findings& findings);

/// Fails the test for exit codes and limits; doubts what could not be found.
void judge_payloads(const TestSpec& test, const ScenarioReport& scenario, Findings& findings);

}  // namespace ktstr::kvm
