// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "machine/files.hpp"
#include "machine/machine.hpp"

namespace ktstr::kvm {

/// What callers are told of a failure: also whether it is the cache that has no room.
MachineError machine_error(const FileError& failure, const MachineEnvironment& environment);

/// The same of the exception that is being handled: to be called by a catch (...). What is none of ours goes
/// on.
MachineError caught_error(const MachineEnvironment& environment);

/// Thrown by what asks a machine for something else than its outcome.
struct CacheFull {
  MachineError error;
};

}  // namespace ktstr::kvm
