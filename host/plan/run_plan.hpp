// SPDX-License-Identifier: Apache-2.0
//
// In which order the two sides of a comparison run. Pure: the same options give the same plan.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// kAbba: baseline-HEAD, then HEAD-baseline, and so on, so that a drift of the machine hits both sides alike.
/// kBlock: baseline first every time, scenarios by name.
enum class RunOrder { kAbba, kBlock };

const char* order_name(RunOrder order);
Result<RunOrder> parse_order(const std::string& name);

struct PlanOptions {
  RunOrder order = RunOrder::kAbba;
  std::uint64_t seed = 1;  ///< of the shuffles
};

/// One pass over one side's scenarios.
struct PlanStep {
  bool head = false;
  std::uint64_t block = 0;  ///< a pair: both sides once
  std::uint64_t slot = 0;   ///< position in the whole session
};

/// The steps of the blocks [begin, end). A later range goes on where an earlier one ended.
std::vector<PlanStep> plan_steps(const PlanOptions& options, std::uint64_t begin, std::uint64_t end);

/// The scenarios of one block, shuffled from the seed and the block's number; both sides of a block run them
/// in this order.
std::vector<std::string> scenario_order(const PlanOptions& options, std::uint64_t block,
                                        std::vector<std::string> names);

/// 16 hex digits over everything that must be equal for runs to belong together.
std::string plan_identity(const std::vector<std::string>& parts);

}  // namespace ktstr
