// SPDX-License-Identifier: Apache-2.0
//
// What several work types do: wait, wake, be busy.
#pragma once
#include <atomic>
#include <cstdint>

#include "agent/work.hpp"

namespace ktstr::agent {

/// Sleeps until `word` is no longer `seen`, a signal comes or a fake wake-up happens. True when it really slept.
bool futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen);
void futex_wake(std::atomic<std::uint32_t>& word, int count);

/// A sleep that the worker wants, until a point of CLOCK_MONOTONIC. A signal ends it early.
void sleep_until(std::uint64_t due_ns);
/// The same for so long, told to the telemetry: neither a gap nor a latency.
void rest(WorkContext& context, std::uint64_t ns);

/// Works for so long.
void spin_for(WorkContext& context, std::uint64_t ns);

}  // namespace ktstr::agent
