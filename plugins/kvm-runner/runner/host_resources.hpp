// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

namespace ktstr::kvm {

/// What this process may use of the machine.
struct HostResources {
  std::uint32_t cores = 1;
  std::uint64_t memory_bytes = 0;  ///< available now
};

/// Affinity and the cgroup's CPU quota; MemAvailable and the cgroup's memory limit.
HostResources host_resources();

/// Pure parts, for tests. `cpu_max` is the text of cgroup v2's cpu.max; 0: no limit.
std::uint32_t quota_cores(std::string_view cpu_max);
/// Bytes from the text of /proc/meminfo; 0 when it has no MemAvailable.
std::uint64_t available_bytes(std::string_view meminfo);

}  // namespace ktstr::kvm
