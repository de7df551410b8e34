// SPDX-License-Identifier: Apache-2.0
//
// Which results of a run stand out, as people and programs read it. Pure.
#pragma once
#include <string>

#include "analysis/outliers.hpp"

namespace ktstr {

std::string outliers_text(const OutlierReport& report, std::size_t width);

json::value outliers_json(const OutlierReport& report);

}  // namespace ktstr
