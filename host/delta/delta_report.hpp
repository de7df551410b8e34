// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compare/conclusion.hpp"
#include "delta/perf_delta.hpp"
#include "report/reports.hpp"

namespace ktstr {

/// What should have been compared and was not, what hinders before what is merely told.
std::vector<Shortfall> shortfalls_of(const PerfDeltaRequest& request, const DeltaOutcome& outcome);

/// Writes the whole document of a comparison (docs/reports.md) and says how the invocation ends.
ExitCode report_delta(Reports& reports, const Gates& gates, const PerfDeltaRequest& request,
                      const DeltaOutcome& outcome);

}  // namespace ktstr
