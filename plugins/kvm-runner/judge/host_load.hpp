// SPDX-License-Identifier: Apache-2.0
//
// A host that has no CPUs left for a guest looks, from inside, like a scheduler that starves its tasks.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "machine/host_share.hpp"

namespace ktstr::kvm {

/// The part of its demand for CPU time, in percent, that a guest of `cpus` waited for because of others. That
/// its own CPUs wait for each other where the host has only `cores` is not counted: with n = cpus / cores > 1
/// and all of them busy, each runs 1 / n of the time. Nothing when the host did not tell.
std::optional<double> waited_for_others_pct(const HostShare& share, std::uint32_t cpus, std::uint32_t cores);

/// From here on a failure may be the host's: a quarter of what the guest wanted went to others.
inline constexpr double kOverloadPct = 25;

/// What is to be said of such a host; empty when it had time for the guest.
std::string overload(const HostShare& share, std::uint32_t cpus, std::uint32_t cores);

}  // namespace ktstr::kvm
