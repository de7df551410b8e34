// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "analysis/cost.hpp"
#include "delta/cost.hpp"

namespace ktstr {

/// Operations, programs, the functions by which the kernel schedules, and the `most` that executed most
/// themselves.
std::string cost_text(const CostOutcome& outcome, const CostTable& table, std::size_t most,
                      std::size_t width);
/// All of the table.
json::object cost_json(const CostOutcome& outcome, const CostTable& table);

}  // namespace ktstr
