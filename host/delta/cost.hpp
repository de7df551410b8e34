// SPDX-License-Identifier: Apache-2.0
//
// `ktstr cost`: one test run with every instruction of the kernel counted, of the tree as it is or of two
// commits.
#pragma once
#include <optional>
#include <string>

#include "session/context.hpp"
#include "sidecar/run_document.hpp"

namespace ktstr {

struct CostRequest {
  std::string test;    ///< its name, or a part that no other has
  std::string base;    ///< commit to compare with; empty: none
  std::string kernel;  ///< --kernel
  std::uint64_t seed = 1;
};

/// What was counted of one tree.
struct CostSide {
  std::string label, run;
  RunDocument document;
  std::string stacks;  ///< folded, as the runner left them; empty: it left none
};

struct CostOutcome {
  TestEntry test;
  std::optional<CostSide> base;
  CostSide head;
};

/// Runs and stores. A test that does not pass is counted all the same, with a warning; one of which nothing
/// was counted is an error.
Result<CostOutcome> run_cost(const AppContext& context, const CostRequest& request);

}  // namespace ktstr
