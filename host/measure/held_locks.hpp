// SPDX-License-Identifier: Apache-2.0
//
// Who holds what of this machine that ktstr shares: runs that are written, machines and kernels of the cache
// that are made or copied, host CPUs and LLCs that guests have, directories of guests and checkouts in use.
#pragma once
#include <string>
#include <vector>

#include "session/context.hpp"

namespace ktstr {

struct HeldLock {
  std::string what;     ///< "run", "cache", "cpus", "scratch"
  std::string path;     ///< of the lock's file
  std::string holders;  ///< "pid 1234 (ktstr test)", several after commas
};

/// Those that somebody holds now, sorted by what and path.
std::vector<HeldLock> held_locks(const AppContext& context);

}  // namespace ktstr
