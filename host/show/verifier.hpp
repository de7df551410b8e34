// SPDX-License-Identifier: Apache-2.0
//
// What the BPF verifier made of schedulers on several kernels. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "measure/guest_shell.hpp"
#include "support/json.hpp"

namespace ktstr {

struct KernelVerification {
  std::string kernel;
  std::vector<VerifiedScheduler> schedulers;
};

bool all_loaded(const std::vector<KernelVerification>& kernels);

/// A table of programs, with a column for each kernel and what changed against the first; then the log of
/// each that did not load.
std::string verification_text(const std::vector<KernelVerification>& kernels, std::size_t width);

json::object verification_json(const std::vector<KernelVerification>& kernels);

}  // namespace ktstr
