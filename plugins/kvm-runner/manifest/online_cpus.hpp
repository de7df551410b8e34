// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "machine/machine.hpp"

namespace ktstr::kvm {

/// The CPUs of the topology that a kernel with these arguments brings up: `nosmt` leaves the first thread of
/// each core, `maxcpus=`, `nr_cpus=` and `nosmp` the first CPUs. The others are there and offline, which is a
/// topology that one may ask for.
std::vector<std::uint32_t> online_cpus(const Topology& topology, const std::vector<std::string>& kernel_args);

}  // namespace ktstr::kvm
