// SPDX-License-Identifier: Apache-2.0
//
// The report of each comparison is kept with its session; those of stored sidecars share one session,
// "stored".
#pragma once
#include <optional>
#include <string>

#include "report/report_document.hpp"
#include "session/context.hpp"

namespace ktstr {

inline constexpr std::string_view kReportName = "perf-delta.report.json";

/// `session`: the key of the session whose passes were compared; empty: of stored sidecars.
Status keep_report(const AppContext& context, const std::string& session, const ReportDocument& document);

/// The report of one session; nothing when it has none.
Result<std::optional<ReportDocument>> report_of(StorePort& store, const std::string& session);

/// Hands the last report to the configured reporters again, and ends as it did. `all_metrics`: show unchanged
/// rows too.
Result<ExitCode> show_last_report(const AppContext& context, bool all_metrics);

}  // namespace ktstr
