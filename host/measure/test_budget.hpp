// SPDX-License-Identifier: Apache-2.0
//
// --budget: how long tests are expected to take, from what the pool knows of them, and which are run.
#pragma once
#include <string>
#include <vector>

#include "session/context.hpp"

namespace ktstr {

/// One test of one of the session's runs.
struct BudgetedTest {
  const TestEntry* test;
  std::string kernel;  ///< that it would run on
};

struct BudgetOutcome {
  std::vector<bool> chosen;       ///< one entry a test
  std::vector<std::string> told;  ///< lines for people: what fits, what is left out
};

/// Which tests fit into `seconds`, as if one ran after the other. An error when none does.
Result<BudgetOutcome> budget_tests(const AppContext& context, double seconds,
                                   const std::vector<BudgetedTest>& tests);

}  // namespace ktstr
