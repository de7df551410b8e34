// SPDX-License-Identifier: Apache-2.0
//
// What a performance test in real time gets of this host, and what it has to do without.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "machine/host_plan.hpp"
#include "machine/topology.hpp"
#include "runner/host_cpus.hpp"

namespace ktstr::kvm {

struct PerformanceHost {
  HostLlcs llcs;                                  ///< of the CPUs that we may use
  std::vector<std::vector<std::uint32_t>> nodes;  ///< CPUs of each NUMA node
  std::uint64_t free_huge_pages = 0;              ///< of 2 MiB
};

struct PerformancePlan {
  HostPlan host;
  std::vector<std::string> lacking;  ///< a line for each thing that cannot be had, with what would help
};

/// An LLC of the host for each of the guest's, with CPUs enough; empty where there are none.
std::vector<std::size_t> llcs_for(const Topology& topology, const HostLlcs& host);

/// `cpus`: those that are locked for the test, in the order of its vCPUs; `memory_bytes`: of each node of the
/// guest's.
PerformancePlan plan_performance(const Topology& topology, const std::vector<std::uint32_t>& cpus,
                                 const std::vector<std::uint64_t>& memory_bytes, const PerformanceHost& host);

PerformanceHost performance_host(const HostLlcs& llcs);

}  // namespace ktstr::kvm
