// SPDX-License-Identifier: Apache-2.0
//
// The analysis of one run as people and programs read it. Pure.
#pragma once
#include <string>

#include "analysis/run_report.hpp"

namespace ktstr {

/// `width` 0: nothing is folded.
std::string run_report_text(const RunReport& report, std::size_t width);

/// `run` is null when there is none.
json::object run_report_json(const RunReport& report);

}  // namespace ktstr
