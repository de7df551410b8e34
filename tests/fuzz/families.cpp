// SPDX-License-Identifier: Apache-2.0
//
// Labelled measurements that somebody published: each line is refused, or becomes comparisons that a gate may
// see.
#include "delta/families.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto family = ktstr::parse_family({reinterpret_cast<const char*>(data), size}, "x.jsonl: line 1");
  if (!family) return 0;
  const ktstr::FamilyComparisons comparisons(*family, 5, 0.05, true);
  if (comparisons.pointers().size() != family->metrics.size()) std::abort();
  for (const ktstr_comparison* one : comparisons.pointers()) {
    if (one->baseline->count > 5 || one->head->count > 5) std::abort();
  }
  return 0;
}
