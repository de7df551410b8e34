// SPDX-License-Identifier: Apache-2.0
//
// Several kernels, and those that have to be got first.
#pragma once
#include <string>
#include <vector>

#include "session/context.hpp"

namespace ktstr {

/// What --kernel names, ranges included. `packaged`: of a range also what Debian has and the cache does not,
/// without an image yet; fetch() it by its version.
Result<std::vector<Kernel>> named_kernels(const AppContext& context, const std::vector<std::string>& specs,
                                          bool packaged);

/// A commit of a tree of Linux and the shell command that builds a checkout of it.
struct KernelCommit {
  std::string repository, commit, label, summary, command;
};

/// Built, or taken from the cache, where it is kept by commit and command.
Result<Kernel> built_kernel(const AppContext& context, BaselinePort& baseline, const KernelCommit& wanted);

}  // namespace ktstr
