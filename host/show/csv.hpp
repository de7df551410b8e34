// SPDX-License-Identifier: Apache-2.0
//
// What a pool measured as CSV (RFC 4180): one line for each metric of each sidecar.
#pragma once
#include <string>
#include <string_view>

#include "metrics/metric_registry.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

/// One field of text: in quotes where it needs them. What a terminal would obey is shown, not sent, and what
/// a spreadsheet would compute (=, +, -, @ in front) gets an apostrophe, so that it stays text.
std::string csv_field(std::string_view text);

/// The names of the columns, with the line's end.
std::string csv_header();

/// The lines of one sidecar; empty for one without a value.
std::string csv_lines(std::string_view run, const SidecarRecord& record, const MetricRegistry& metrics);

}  // namespace ktstr
