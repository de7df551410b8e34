// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ktstr::kvm {

/// How a test ended; the numbers are those of KTSTR_TEST_*.
enum class Outcome : std::uint32_t { kPassed = 0, kFailed = 1, kSkipped = 2, kInconclusive = 3, kError = 4 };
const char* outcome_name(Outcome outcome);  ///< "passed", "failed", …

/// What was found wrong with a test, one line each, safe to print, in order of importance.
struct Findings {
  std::vector<std::string> failures;
  std::vector<std::string>
      doubts;  ///< what could not be judged: without a failure they make the test inconclusive

  void fail(std::string line) { failures.push_back(std::move(line)); }
  void doubt(std::string line) { doubts.push_back(std::move(line)); }
};

}  // namespace ktstr::kvm
