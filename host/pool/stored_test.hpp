// SPDX-License-Identifier: Apache-2.0
//
// Everything that the store still knows of one test: what it was, how it ended and why, what was measured,
// and the line that runs it again.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pool/pool.hpp"
#include "session/context.hpp"
#include "sidecar/run_document.hpp"

namespace ktstr {

struct StoredTest {
  std::string run;
  std::string test, topology, scheduler, work_type, kernel, project_commit;
  std::string outcome;           ///< "passed", …, "not ended"
  std::vector<std::string> why;  ///< what failed, the most important first; hostile text
  std::optional<RunDocument> sidecar;
  std::optional<json::object> dump;  ///< the failure dump, where it is a JSON object
  std::vector<std::string> files;    ///< paths of sidecar, dump and artifacts
  std::string again;                 ///< a line for the shell
};

/// The tests of a run (as read_run() takes it) whose name is `wanted`, else those whose name contains or, as
/// a glob, matches it. A test that left no sidecar is known from the run's manifest. None is an error with a
/// suggestion.
Result<std::vector<StoredTest>> read_stored_tests(const AppContext& context, const std::string& archive,
                                                  const std::string& run, const std::string& wanted);

}  // namespace ktstr
