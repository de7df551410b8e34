// SPDX-License-Identifier: Apache-2.0
#include "machine/machine_error.hpp"

#include <cerrno>

namespace ktstr::kvm {

MachineError machine_error(const FileError& failure, const MachineEnvironment& environment) {
  MachineError error{failure.what(), failure.hint};
  const bool full = failure.error == ENOSPC || failure.error == EDQUOT;
  const std::string below = failure.path.lexically_relative(environment.cache_dir).string();
  error.cache_full = full && !below.empty() && !below.starts_with("..");
  return error;
}

MachineError caught_error(const MachineEnvironment& environment) {
  try {
    throw;
  } catch (const Cancelled&) {
    return {"stopped on request", "", true};
  } catch (const CacheFull& full) {
    return full.error;
  } catch (const FileError& failure) {
    return machine_error(failure, environment);
  } catch (const std::exception& failure) {
    return {failure.what(), "", true};
  }
}

}  // namespace ktstr::kvm
