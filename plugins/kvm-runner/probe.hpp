// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "machine_api.hpp"
#include "options.hpp"
#include "request.hpp"

namespace ktstr::kvm {

/// {"ready", "items": [{"name", "ok", "detail", "hint"}]}: what running tests needs, and whether it is there.
std::string probe_document(const MachineEnvironment& environment, const RunnerOptions& options, const RunnerRequest& request,
                           const MachineApi& api);

}  // namespace ktstr::kvm
