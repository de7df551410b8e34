// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "machine/files.hpp"
#include "machine/machine.hpp"

namespace ktstr::kvm {

/// What callers are told of a failure: also whether it is the cache that has no room.
MachineError machine_error(const FileError& failure, const MachineEnvironment& environment);

/// Thrown by what asks a machine for something else than its outcome.
struct CacheFull {
  MachineError error;
};

}  // namespace ktstr::kvm
