// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "session/context.hpp"

namespace ktstr {

/// An error that costs nothing of the work's outcome, in one line. `what` goes before its message.
void warn_of(const AppContext& context, const std::string& what, const Error& error);
/// As an error that ends a command is told; this one ends a part of the work.
void tell_error(const AppContext& context, const std::string& what, const Error& error);

}  // namespace ktstr
