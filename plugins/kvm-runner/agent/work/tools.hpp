// SPDX-License-Identifier: Apache-2.0
//
// What several work types do: wait, wake, be busy.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <span>

#include "agent/work.hpp"

namespace ktstr::agent {

/// Sleeps until `word` is no longer `seen`, a signal comes or a fake wake-up happens. True when it really
/// slept. `scope`: FUTEX_PRIVATE_FLAG among threads of one process.
bool futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen, int scope = 0);
void futex_wake(std::atomic<std::uint32_t>& word, int count, int scope = 0);

/// A sleep that the worker wants, until a point of CLOCK_MONOTONIC. A signal ends it early.
void sleep_until(std::uint64_t due_ns);
/// The same for so long, told to the telemetry: neither a gap nor a latency.
void rest(WorkContext& context, std::uint64_t ns);

/// The same, and how late it wakes is a latency.
void timed_rest(WorkContext& context, std::uint64_t ns);

/// The time from a stamp of another worker's, which may stamp again meanwhile, to now.
inline std::uint64_t time_since(const std::atomic<std::uint64_t>& stamp, std::uint64_t now = now_ns()) {
  const std::uint64_t then = stamp.load(std::memory_order_relaxed);
  return now > then ? now - then : 0;
}

/// So many units of work: what they compute, from what others computed.
std::uint64_t compute(std::uint64_t value, std::uint64_t units);
/// Works for so long.
void spin_for(WorkContext& context, std::uint64_t ns);

/// Rings a member's bell: who waits for it wakes, who does not will not wait the next time. `at_ns`, which is
/// now or a little before, becomes the member's stamp.
void ring(GroupShared& group, std::uint32_t member, std::uint64_t at_ns);

enum class Rung : std::uint8_t {
  kNo,        ///< stopped
  kBefore,    ///< it had been rung already
  kWhenSlept  ///< it was waited for
};
/// Waits for one's own bell; `at_ns` becomes the time when it heard it.
Rung await_ring(WorkContext& context, std::uint64_t* at_ns = nullptr);
/// The same; the time since the stamp is a latency when it slept. False when stopped.
bool measured_ring(WorkContext& context);

/// One wakes all others of the group by a futex, waits until all have answered and does a burst.
void fan_out_messenger(WorkContext& context, std::uint64_t units);
/// Does `work` when woken, and answers.
void fan_out_receiver(WorkContext& context, const std::function<void()>& work);

/// The turn of a ring of pipes: who has it does `work` and gives it to the next. Each wake-up by it is a
/// latency and an iteration.
void pass_by_pipe(WorkContext& context, const std::function<void()>& work);

/// Reads and writes a byte in each stride, once.
void stride_through(WorkContext& context, std::span<unsigned char> bytes, std::size_t stride);

/// A file of no name for one worker, in memory where /tmp is no disk; -1 when there is no place for one.
int scratch_file();

}  // namespace ktstr::agent
