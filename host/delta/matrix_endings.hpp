// SPDX-License-Identifier: Apache-2.0
//
// How the tests of a matrix ended, and what the whole came to.
#pragma once
#include <vector>

#include "delta/matrix.hpp"
#include "measure/measurement.hpp"

namespace ktstr {

/// Of one test on one side. What was measured in an earlier invocation tells by its sidecars; why it did not
/// pass is read from the store.
MatrixEnding ending_of(const AppContext& context, const Measurement& measured, const PlannedTest& test,
                       const std::vector<SidecarRecord>& records);

/// Exit code and sentence: `code` holds what the steps alone say.
void conclude(MatrixOutcome& outcome, bool strict);

}  // namespace ktstr
