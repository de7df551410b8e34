// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/guest_ram.hpp"
#include "monitor/sample.hpp"

namespace ktstr::kvm {

/// The kernel's addresses by its own page tables, found by the map that the agent left. `ram` must outlive
/// it.
AddressSpace kernel_space(const GuestRam& ram, const MonitorMap& map);

/// The run queues of a running guest, read from outside and without its help. No lock of the kernel is taken,
/// so what is read together need not have been true together.
class RunQueues {
 public:
  /// By the map that the agent left; nothing when this kernel's run queues cannot be read, with the reason in
  /// `problem`. `cpus`: at most so many are looked at. `ram` must outlive this.
  static std::optional<RunQueues> find(const GuestRam& ram, const MonitorMap& map, std::uint32_t cpus,
                                       std::string& problem);

  /// The agent's own presence on a CPU is taken out of it.
  Reading read() const;

 private:
  RunQueues(const AddressSpace& space, const MonitorMap& map) : map_(map), space_(space) {}
  bool has(std::size_t field) const { return map_.fields[field] != kNoField; }
  template <typename T>
  std::optional<T> member(std::uint64_t base, std::size_t field) const {
    return has(field) ? space_.read<T>(base + map_.fields[field]) : std::nullopt;
  }
  std::optional<CpuReading> read_cpu(std::uint64_t rq, bool& readable) const;
  std::optional<std::uint64_t> events_of(std::size_t cpu, std::uint64_t scheduler) const;
  void count(std::size_t cpu, std::uint64_t scheduler, Counters& counters) const;

  MonitorMap map_;
  AddressSpace space_;
  std::vector<std::uint64_t> per_cpu_;  ///< what is added to a per-CPU address, by CPU
};

}  // namespace ktstr::kvm
