// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <ktstr/kit/process.hpp>

#include "support/result.hpp"

namespace ktstr {

/// `kit::run` with the host's errors, stopped when `cancel` becomes true.
Result<kit::Ended> run_process(kit::Program program, const std::atomic<bool>& cancel);

}  // namespace ktstr
