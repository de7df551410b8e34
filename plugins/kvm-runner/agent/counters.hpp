// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/counters.hpp"

namespace ktstr::agent {

/// The counters of protocol/counters.hpp at one moment; nothing: this kernel does not have it.
struct CounterReading {
  std::array<std::optional<std::uint64_t>, kvm::kCounters.size()> totals;
  std::array<std::vector<std::uint64_t>, kvm::kCounters.size()> by_cpu;  ///< only of those that are told so
};

/// The texts that counters are read from.
struct CounterFiles {
  std::string schedstat, stat, softirqs, interrupts, irq_pressure, vmstat, sched_ext_events;
};

CounterFiles read_counter_files();
CounterReading parse_counters(const CounterFiles& files, std::uint64_t ns_per_tick);
CounterReading read_counters();

}  // namespace ktstr::agent
