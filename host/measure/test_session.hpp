// SPDX-License-Identifier: Apache-2.0
//
// `ktstr test`: find the tests, run them on each kernel, store their sidecars, report. Each kernel's results
// are a run of their own; one document tells of them all.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measure/selection.hpp"
#include "session/commits.hpp"
#include "session/context.hpp"

namespace ktstr {

struct TestRequest {
  TestSelection selection;
  std::optional<CommitChoice> relevant;  ///< only tests that the change since that commit can touch
  std::optional<double> budget_seconds;
  std::vector<std::string> kernels;  ///< --kernel; none: the configuration's or the newest cached one
  bool deterministic = false, cold = false, trace = false, cost = false;
  std::uint64_t seed = 1;
  unsigned retries = 0;      ///< how often a test that fails is run again
  bool flaky_fails = false;  ///< one that then passes counts as failed
  unsigned jobs = 0;         ///< side by side; 0: as the machine allows
  bool strict = false;       ///< a test that was skipped or flaky is no success
  bool no_skip = false;      ///< one that was skipped is a failure
};

Result<ExitCode> run_test_session(const AppContext& context, const TestRequest& request);

/// The tests of one run: of one kernel.
struct PlannedRun {
  std::string kernel, key;  ///< as run keys have it; the run's key
  Kernel image;
  std::vector<TestEntry> tests;
};

/// What such a session would run, with everything checked that it would check before it builds: manifests,
/// selection, kernels, plugins.
Result<std::vector<PlannedRun>> planned_tests(const AppContext& context, const TestRequest& request);

}  // namespace ktstr
