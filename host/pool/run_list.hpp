// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "session/context.hpp"

namespace ktstr {

/// One row of `ktstr stats list`.
struct RunSummary {
  std::string run;
  std::uint64_t tests = 0;
  std::string date;  ///< timestamp of the run's first sidecar; empty without one
  std::string arch;  ///< from the first sidecar that has a host context; empty when none has
};

/// The store's runs, most recently changed first, then those of the history on request. `archive`: a
/// directory of run directories instead of the project's own. "First" is by name, so that the answer does not
/// depend on a directory's order.
Result<std::vector<RunSummary>> list_runs(const AppContext& context, const std::string& archive,
                                          bool history = false);

}  // namespace ktstr
