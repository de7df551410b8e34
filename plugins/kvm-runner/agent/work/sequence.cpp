// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <unistd.h>

#include <ktstr/kit/assert.hpp>

#include "agent/work/functions.hpp"
#include "agent/work/locks.hpp"
#include "agent/work/tools.hpp"
#include "protocol/work_actions.hpp"

namespace ktstr::agent {
namespace {

constexpr std::size_t kArrived = kvm::kLocksOfGroup, kGeneration = kArrived + 1;  // words behind the locks'
constexpr std::size_t kPiLocks = kGeneration + 1;

/// A lock of either kind, if this worker has not got it; `held` has a bit for each word that it holds.
void take_once(WorkContext& c, std::size_t word, std::uint32_t& held) {
  if ((held & 1U << word) != 0) return;
  if (word >= kPiLocks ? take_pi(c, c.group.words[word]) : take(c, c.group.words[word])) held |= 1U << word;
}

/// Nobody gives back what he has not.
void give_once(WorkContext& c, std::size_t word, std::uint32_t& held) {
  if ((held & 1U << word) == 0) return;
  held &= ~(1U << word);
  word >= kPiLocks ? give_back_pi(c.group, c.group.words[word]) : give_back(c.group, c.group.words[word]);
}

void yield_for(WorkContext& c, std::uint64_t ns) {
  for (const std::uint64_t end = now_ns() + ns; now_ns() < end && !c.stopped();) {
    spin(c, 16);
    ::sched_yield();
    c.telemetry.woke();
  }
}

void write_for(WorkContext& c, std::uint64_t ns) {
  static constexpr char kBlock[4096] = {};
  const int fd = scratch_file();
  for (const std::uint64_t end = now_ns() + ns; now_ns() < end && !c.stopped();) {
    for (int block = 0; fd >= 0 && block < 16; ++block) {
      if (::pwrite(fd, kBlock, sizeof kBlock, block * static_cast<off_t>(sizeof kBlock)) < 0) break;
    }
    c.telemetry.checkpoint();
    rest(c, 100 * kMicrosecond);
  }
  if (fd >= 0) ::close(fd);
}

/// Sleeps until the next multiple of the period; what it is late then is the latency.
void await_period(WorkContext& c, std::uint64_t begin_ns, std::uint64_t period_ns) {
  const std::uint64_t now = now_ns(), due = begin_ns + ((now - begin_ns) / period_ns + 1) * period_ns;
  c.telemetry.sleeps_until(due);
  sleep_until(due);
  if (const std::uint64_t woke = now_ns(); !c.stopped() && woke >= due) c.telemetry.latency(woke - due);
  c.telemetry.woke();
}

}  // namespace

void sequence(WorkContext& c) {
  const auto* actions = c.work.values.at(0).as<std::vector<kvm::Action>>();
  KTSTR_ASSERT(actions != nullptr && !actions->empty());
  const std::uint64_t begin = now_ns();
  std::uint32_t held = 0;  // words of locks, a bit each
  while (!c.stopped()) {
    for (const kvm::Action& action : *actions) {
      const std::string_view name = kvm::kWorkActions[action.action].name;
      const std::uint64_t ns = action.amount * kMicrosecond;
      if (c.stopped()) break;
      if (name == "run_us") spin_for(c, ns);
      if (name == "run_units") spin(c, action.amount);
      if (name == "sleep_us") rest(c, ns);
      if (name == "yield_us") yield_for(c, ns);
      if (name == "io_us") write_for(c, ns);
      if (name == "timer_us") await_period(c, begin, ns);
      if (name == "barrier") await_all(c, c.group.words[kArrived], c.group.words[kGeneration]);
      if (name == "lock") take_once(c, action.amount, held);
      if (name == "unlock") give_once(c, action.amount, held);
      if (name == "pi_lock") take_once(c, kPiLocks + action.amount, held);
      if (name == "pi_unlock") give_once(c, kPiLocks + action.amount, held);
    }
    c.telemetry.checkpoint();
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
