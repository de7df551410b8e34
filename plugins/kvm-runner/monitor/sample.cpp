// SPDX-License-Identifier: Apache-2.0
#include "monitor/sample.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace {

constexpr std::uint32_t kMostTasks = 10'000;  // on one CPU; beyond it, it is no run queue that was read
/// A virtual CPU that had less CPU time may have been kept from its own timer: ten ticks of the usual 250 Hz.
constexpr std::uint64_t kTimeForTicks = 40'000'000;

bool plausible(const CpuReading& cpu) {
  return cpu.nr_running <= kMostTasks && cpu.local_dsq.value_or(0) <= kMostTasks && cpu.clock != 0;
}

bool stuck(const std::optional<CpuReading>& before, const CpuReading& now) {
  return before && before->ran_ns && now.ran_ns && !before->idle && !now.idle && before->clock == now.clock &&
         *now.ran_ns >= *before->ran_ns + kTimeForTicks;
}

}  // namespace

MonitorSample reduce(const Reading* before, const Reading& now) {
  MonitorSample sample;
  sample.at_ns = now.at_ns;
  if (!now.readable) return sample;
  std::uint32_t shortest = kMostTasks, longest = 0;
  for (std::size_t i = 0; i < now.cpus.size(); ++i) {
    if (!now.cpus[i]) continue;
    const CpuReading& cpu = *now.cpus[i];
    if (!plausible(cpu)) return sample;
    ++sample.cpus;
    shortest = std::min(shortest, cpu.nr_running);
    longest = std::max(longest, cpu.nr_running);
    sample.running += cpu.nr_running;
    sample.idle += cpu.idle ? 1 : 0;
    sample.slowest_clock = sample.cpus == 1 ? cpu.clock : std::min(sample.slowest_clock, cpu.clock);
    if (cpu.local_dsq) {
      sample.queued = sample.queued.value_or(0) + *cpu.local_dsq;
      if (*cpu.local_dsq > sample.deepest) {
        sample.deepest = *cpu.local_dsq;
        sample.deepest_cpu = static_cast<std::uint32_t>(i);
      }
    }
    if (before != nullptr && i < before->cpus.size() && stuck(before->cpus[i], cpu) && sample.stuck++ == 0)
      sample.stuck_cpu = static_cast<std::uint32_t>(i);
  }
  // The guest tells the time of a sample: one that does not go on from the last is none.
  sample.valid = sample.cpus > 0 && (before == nullptr || before->at_ns < now.at_ns);
  KTSTR_ASSERT(sample.idle <= sample.cpus && sample.stuck <= sample.cpus);
  sample.imbalance = static_cast<double>(std::max(longest, 1U)) / std::max(shortest, 1U);
  KTSTR_ASSERT(sample.cpus <= now.cpus.size() && (!sample.valid || sample.imbalance >= 1));
  sample.scheduler = now.scheduler;
  sample.counters = now.counters;
  return sample;
}

}  // namespace ktstr::kvm
