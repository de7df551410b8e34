// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "machine/machine.hpp"

namespace ktstr::kvm {

/// The functions of machine/machine.hpp, so that tests can put machines of their own in their place.
struct MachineApi {
  std::function<std::optional<QemuVersion>(const MachineEnvironment&, const std::atomic<bool>&,
                                           MachineError&)>
      find_qemu;
  std::function<std::optional<AcceleratorVerdict>(const MachineEnvironment&, AcceleratorChoice,
                                                  const std::filesystem::path&, const std::atomic<bool>&,
                                                  MachineError&)>
      choose_accelerator;
  std::function<std::optional<MachineOutcome>(
      const MachineEnvironment&, const MachineRequest&, const GuestWork&, const std::atomic<bool>&,
      const std::function<void(Stage)>&, const std::function<void(const std::string&)>&, MachineError&)>
      run_machine;
  std::function<std::uint64_t(const MachineRequest&)> machine_memory_bytes;
  std::function<std::vector<std::string>(const MachineEnvironment&, const MachineRequest&)> machine_command;
  std::function<std::optional<bool>(const MachineEnvironment&, const std::filesystem::path&)>
      kernel_has_sched_ext;  ///< kernel_features.hpp
  std::function<bool(const MachineEnvironment&, const std::atomic<bool>&, MachineError&)> can_count;
};

}  // namespace ktstr::kvm
