// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/abi/gate.h>

#include <vector>

#include "evidence.hpp"
#include "moderation.hpp"

namespace ktstr::fdr {

/// What a variance is likely to be, from the metric's own past; no degrees of freedom when its past is
/// unknown. `most_df` caps its weight, so that a changed machine is believed after a while.
Variance history_of(const ktstr_comparison& comparison, const Evidence& evidence, double most_df);

/// The same from the other metrics of the call, for those without a past. Pairs' differences and single
/// readings vary differently, so each kind has its own. Of n metrics the prior has 1 - 2 / sqrt(n) of its
/// estimated weight, none up to n = 4.
class Moderation {
 public:
  void add(const Evidence& evidence);
  void finish(double most_df);
  Variance prior(const Evidence& evidence) const;

 private:
  std::vector<Variance> unpaired_, paired_;
  Variance unpaired_prior_{0, 0}, paired_prior_{0, 0};
};

}  // namespace ktstr::fdr
