// SPDX-License-Identifier: Apache-2.0
//
// `ktstr doctor`: everything that a run needs, looked at in one go. Nothing is changed but the runner's
// cache, in which it may remember what it found out.
#pragma once
#include <string>

#include "doctor/check.hpp"
#include "session/context.hpp"

namespace ktstr {

/// `kernel`: --kernel; empty: the one that a test would take.
Checks examine(const AppContext& context, const std::string& kernel);

}  // namespace ktstr
