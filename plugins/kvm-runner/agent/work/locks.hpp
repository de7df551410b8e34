// SPDX-License-Identifier: Apache-2.0
//
// Locks and barriers of a group, made of futexes that its members share.
#pragma once
#include <atomic>
#include <cstdint>

#include "agent/work.hpp"

namespace ktstr::agent {

/// Waits until the lock is free and takes it; false when stopped before that.
bool take(WorkContext& context, std::atomic<std::uint32_t>& lock);
void give_back(GroupShared& group, std::atomic<std::uint32_t>& lock);

/// The same with priority inheritance: whoever waits lends the holder its priority. A lock is of one kind or
/// the other.
bool take_pi(WorkContext& context, std::atomic<std::uint32_t>& lock);
void give_back_pi(GroupShared& group, std::atomic<std::uint32_t>& lock);

/// Waits until all members have come; the two words are the barrier.
void await_all(WorkContext& context, std::atomic<std::uint32_t>& arrived,
               std::atomic<std::uint32_t>& generation);

}  // namespace ktstr::agent
