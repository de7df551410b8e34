// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "measure/checkout.hpp"
#include "noise/noise_history.hpp"

namespace ktstr {

struct ReuseWish {
  const Checkout& baseline;
  const Kernel& kernel;
  std::uint64_t runs = 0;  ///< a side
  bool deterministic = false;
  std::uint64_t seed = 1;  ///< of the first block, which deterministic runs must share
};

/// The baseline's runs out of earlier sessions: at least as many passing ones of every scenario as HEAD will
/// get, measured on this host, since its last boot, with this kernel and mode, of a metric whose spread
/// between sessions is known. Otherwise the reason why not.
Result<std::vector<SidecarRecord>> reusable_baseline(const ReuseWish& wish,
                                                     const std::vector<SidecarRecord>& stored,
                                                     const NoiseHistory& history);

}  // namespace ktstr
