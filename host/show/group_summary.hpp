// SPDX-License-Identifier: Apache-2.0
//
// A run's results by group, as people and programs read them. Pure.
#pragma once
#include <string>

#include "analysis/group_summary.hpp"

namespace ktstr {

std::string groups_text(const std::vector<GroupSummary>& groups, std::size_t width);

json::value groups_json(const std::vector<GroupSummary>& groups);

}  // namespace ktstr
