// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "session/context.hpp"

namespace ktstr {

/// One word for what the results of `ktstr test` follow from: kernel image, state of the tree, build command,
/// manifests, runner. Results of equal inputs may stand beside each other in a run. Empty when the state of
/// the tree cannot be told. How a test is run (--deterministic,
/// --seed) is no part of it: each sidecar says so itself.
Result<std::string> run_inputs(const AppContext& context, const Kernel& kernel, const Tree& tree,
                               const std::vector<TestEntry>& tests);

/// Refuses a run whose directory holds results of another commit that has the same label.
Status check_label(StorePort& store, const std::string& run_key, const std::string& commit,
                   const MetricRegistry& metrics);

}  // namespace ktstr
