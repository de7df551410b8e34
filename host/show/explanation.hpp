// SPDX-License-Identifier: Apache-2.0
//
// Why fields of a run's sidecars are null, as people and programs read it. Pure.
#pragma once
#include <string>

#include "analysis/explanation.hpp"

namespace ktstr {

/// `width` 0: nothing is folded.
std::string explanation_text(const Explanation& explanation, std::size_t width);

/// Counts over all sidecars, for dashboards.
json::object explanation_json(const Explanation& explanation);

}  // namespace ktstr
