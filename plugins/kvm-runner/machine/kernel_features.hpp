// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>

#include "machine/machine.hpp"

namespace ktstr::kvm {

/// Whether a kernel has sched_ext, without booting it: from the configuration beside the image, else from the
/// image itself. Nothing when neither tells (an image packed in a way that is not known here).
std::optional<bool> kernel_has_sched_ext(const MachineEnvironment& environment,
                                         const std::filesystem::path& image);

}  // namespace ktstr::kvm
