// SPDX-License-Identifier: Apache-2.0
//
// The stored runs as people and programs read them. Pure.
#pragma once
#include <string>
#include <vector>

#include "pool/run_list.hpp"

namespace ktstr {

std::string run_list_text(const std::vector<RunSummary>& runs, std::size_t width);
json::object run_list_json(const std::vector<RunSummary>& runs);

}  // namespace ktstr
