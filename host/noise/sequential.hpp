// SPDX-License-Identifier: Apache-2.0
//
// Looking early without fooling oneself: --sequential. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// A look at the data after `runs` runs a side. `level`: the p or q value that a finding needs there.
struct Look {
  std::uint64_t runs;
  double level;
};

/// Looks at 3, 5, 7 and 10 runs, up to `runs`. The levels are of O'Brien and Fleming's type and keep the
/// chance of a false finding over all four looks at 5 %, one-sided; fewer looks keep it below.
std::vector<Look> looks_up_to(std::uint64_t runs);

/// --noise-adjust N with --sequential: N must be one of the looks.
Status check_looks(std::uint64_t runs);

}  // namespace ktstr
