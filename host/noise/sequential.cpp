// SPDX-License-Identifier: Apache-2.0
#include "noise/sequential.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

constexpr std::array<Look, 4> kLooks = {{{3, .00092}, {5, .0069}, {7, .0176}, {10, .0431}}};

}  // namespace

std::vector<Look> looks_up_to(std::uint64_t runs) {
  std::vector<Look> looks;
  std::copy_if(kLooks.begin(), kLooks.end(), std::back_inserter(looks),
               [&](const Look& look) { return look.runs <= runs; });
  KTSTR_ASSERT(std::is_sorted(looks.begin(), looks.end(),
                              [](const Look& a, const Look& b) { return a.runs < b.runs; }));
  return looks;
}

Status check_looks(std::uint64_t runs) {
  if (std::any_of(kLooks.begin(), kLooks.end(), [&](const Look& look) { return look.runs == runs; }))
    return Ok{};
  return usage_error("--sequential looks after 3, 5, 7 and 10 runs, so --noise-adjust " +
                         std::to_string(runs) + " does not go with it",
                     "use --noise-adjust 10");
}

}  // namespace ktstr
