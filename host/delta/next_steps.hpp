// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "delta/perf_delta.hpp"

namespace ktstr {

/// What a reader should do next, one command or sentence each. Commands say again what was given.
json::array next_steps(const PerfDeltaRequest& request, const DeltaOutcome& outcome, Overall overall);

}  // namespace ktstr
