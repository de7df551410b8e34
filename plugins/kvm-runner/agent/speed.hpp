// SPDX-License-Identifier: Apache-2.0
//
// How fast this machine computes at the moment, whatever runs on it.
#pragma once
#include <cstdint>

namespace ktstr::agent {

/// Nanoseconds for 1024 * 64 units of work (work/tools.hpp), at best of some bursts within about 4 ms: those
/// that the host did not interrupt. Called by the agent, which outranks every task and every sched_ext
/// scheduler, so that what is tested has no part in it.
std::uint64_t burst_ns();

}  // namespace ktstr::agent
