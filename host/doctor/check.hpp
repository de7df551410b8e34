// SPDX-License-Identifier: Apache-2.0
//
// One thing that a run needs, and whether it is there.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace ktstr {

enum class CheckState {
  kOk,
  kWarn,  ///< tests run, but slower, noisier, or not all of them
  kFail   ///< no run can succeed
};

struct Check {
  std::string subject;  ///< "kernels": what it belongs to
  std::string name;     ///< "6.18.15"
  CheckState state = CheckState::kOk;
  std::string found;  ///< one line; may be hostile text
  std::string fix;    ///< the command or change that helps; empty when nothing has to be done
};

using Checks = std::vector<Check>;

inline Check fine(std::string subject, std::string name, std::string found) {
  return {std::move(subject), std::move(name), CheckState::kOk, std::move(found), {}};
}

}  // namespace ktstr
