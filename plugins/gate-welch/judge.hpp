// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/gate.h>

namespace ktstr::welch {

/// Fills the verdict of one comparison. The sides differ when the two-sided test says so at level `alpha`, or
/// when their min-max bands are disjoint; the direction is that of the means.
void judge(const ktstr_comparison& comparison, double alpha, ktstr_verdict& verdict);

}  // namespace ktstr::welch
