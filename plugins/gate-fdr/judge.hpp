// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/gate.h>

#include <cstdint>

#include "options.hpp"

namespace ktstr::fdr {

/// Fills the verdicts on all comparisons of a call together: (*out[i]) on (*in[i]).
void judge(const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count,
           const Options& options);

}  // namespace ktstr::fdr
