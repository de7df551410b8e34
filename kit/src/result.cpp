// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/result.hpp"

#include <system_error>

namespace ktstr::kit {

Failure system_failure(std::string what, std::string subject, int error) {
  return {Failure::Kind::kSystem, std::move(what), std::move(subject), std::generic_category().message(error),
          error};
}

std::string hint_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return "free some space";
    case EFBIG: return "raise the limit on the size of files (ulimit -f)";
    case EMFILE:
    case ENFILE: return "raise the limit on open files (ulimit -n)";
    case EAGAIN: return "raise the limit on processes (ulimit -u, or the container's pids limit)";
    default: return {};
  }
}

}  // namespace ktstr::kit
