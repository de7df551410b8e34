// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "doctor/check.hpp"
#include "support/result.hpp"

namespace ktstr {

/// What a runner's `probe` wrote (ktstr/abi/runner.h), as checks of `subject`. Pure; the text may be hostile.
Result<Checks> read_probe(std::string_view text, const std::string& subject);

}  // namespace ktstr
