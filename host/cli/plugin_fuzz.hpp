// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "check/fuzz.hpp"
#include "cli/cli.hpp"

namespace ktstr {

/// Calls by chance and what they showed, on stdout. `file`: as the user named the plugin.
Result<ExitCode> fuzz_and_print(const CheckSubject& subject, const FuzzWish& wish, const std::string& file,
                                bool as_json);

}  // namespace ktstr
