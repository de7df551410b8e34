// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "explore/explore.hpp"

namespace ktstr {

/// The exit code, and the sentence that says what a search came to.
void conclude(ExploreOutcome& outcome);

/// "3,120 an hour" is 3120; 0 where nothing ran.
double scenarios_an_hour(const ExploreOutcome& outcome);

}  // namespace ktstr
