// SPDX-License-Identifier: Apache-2.0
//
// The process environment, read once at the start. Nothing else in the host calls getenv; plugins never do.
#pragma once
#include "support/environment.hpp"

namespace ktstr {

Environment read_environment();

}  // namespace ktstr
