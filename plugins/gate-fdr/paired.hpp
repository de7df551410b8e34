// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/gate.h>

#include <cstddef>
#include <vector>

namespace ktstr::fdr {

/// Which value of the baseline belongs to which of head.
struct Pairing {
  struct Pair {
    std::size_t baseline, head;
  };
  std::vector<Pair> pairs;          ///< by block and seed
  std::size_t without_partner = 0;  ///< finite values of either side that have none
};

/// Pairs finite values whose block and seed are equal; several of one side with the same numbers pair in the
/// order in which they were measured. The buffer is reused.
void pair_up(const ktstr_samples& baseline, const ktstr_samples& head, Pairing& out);

/// Whether the host says that there are pairs and gives what tells them.
bool is_paired(const ktstr_comparison& comparison);

}  // namespace ktstr::fdr
