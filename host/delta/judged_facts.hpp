// SPDX-License-Identifier: Apache-2.0
//
// From judged rows to what the verdict, its headline and the notes beside it rest on.
#pragma once
#include "compare/headline.hpp"
#include "delta/perf_delta.hpp"

namespace ktstr {

/// What `sentence_of` tells of a row.
MetricFinding finding_of(const JudgedRow& row);

/// What the gating rows could have shown.
Sight sight_of(const Judgement& judgement);

JudgedFacts judged_facts(const Gates& gates, const PerfDeltaRequest& request, const DeltaOutcome& outcome);

/// Adds what the rows tell of the comparison itself: equal programs of different commits, and so many changes
/// that the host is suspect.
void remark_on_rows(const PerfDeltaRequest& request, DeltaOutcome& outcome);

}  // namespace ktstr
