// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "runner/machine_api.hpp"
#include "runner/options.hpp"
#include "runner/request.hpp"

namespace ktstr::kvm {

/// The checks of ktstr/abi/runner.h: what running tests needs, and whether it is there.
/// `news` are MachinePlaces' about the directories.
std::string probe_document(const MachineEnvironment& environment, const std::vector<std::string>& news,
                           const RunnerOptions& options, const RunnerRequest& request, const MachineApi& api,
                           const std::atomic<bool>& cancel);

}  // namespace ktstr::kvm
