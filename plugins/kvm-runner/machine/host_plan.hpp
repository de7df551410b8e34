// SPDX-License-Identifier: Apache-2.0
//
// What a guest has of the host for itself. It is asked for by performance tests in real time and nobody else.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ktstr::kvm {

class Qmp;

struct HostPlan {
  std::vector<std::uint32_t> cpus;  ///< of the host, one for each vCPU; empty: wherever they are put
  bool real_time = false;   ///< vCPUs run as SCHED_FIFO; only where `cpus` leaves the host another one
  bool huge_pages = false;  ///< of 2 MiB, for the guest's memory
  std::vector<std::uint32_t> memory_nodes;  ///< of the host, where the guest's memory is; empty: anywhere
};

/// The threads that run the vCPUs, in their order.
std::vector<pid_t> vcpu_threads(Qmp& qmp, std::chrono::steady_clock::time_point deadline);

/// Binds each vCPU's thread to its CPU and puts it before ordinary threads there. What the host refuses comes
/// back, a line each; QEMU's other threads, which wait for the vCPUs at times, stay as they are.
std::vector<std::string> place_vcpus(Qmp& qmp, const HostPlan& plan,
                                     std::chrono::steady_clock::time_point deadline);

}  // namespace ktstr::kvm
