// SPDX-License-Identifier: Apache-2.0
//
// `ktstr test`: find the tests, run them, store their sidecars, report.
#pragma once
#include <string>
#include <vector>

#include "select/filter.hpp"
#include "session/context.hpp"

namespace ktstr {

/// Which tests a command means.
struct TestSelection {
  std::vector<std::string>
      names;      ///< parts of test names, or globs, any of which may match; none: every test
  Filter filter;  ///< -E, which must match too
  bool performance_only = false;
};

struct TestRequest {
  TestSelection selection;
  std::string kernel;  ///< --kernel, empty: the configuration's or the newest cached one
  bool deterministic = false, cold = false;
  std::uint64_t seed = 1;
  unsigned jobs = 0;    ///< side by side; 0: as the machine allows
  bool strict = false;  ///< a test that was skipped is no success
};

Result<ExitCode> run_test_session(const AppContext& context, const TestRequest& request);

/// The tests that such a session would run, with everything checked that it would check before it builds:
/// manifests, selection, kernel, plugins.
Result<std::vector<TestEntry>> planned_tests(const AppContext& context, const TestRequest& request);

/// The tests of a project's manifests.
Result<std::vector<TestEntry>> discover_tests(const AppContext& context, RunnerPort& runner,
                                              const std::filesystem::path& project_dir);

/// Those that are selected, in their order. A name without * and ? selects every test whose name contains it;
/// one that selects nothing is an error with a "did you mean". `left_out` counts the others.
Result<std::vector<TestEntry>> select_tests(const std::vector<TestEntry>& tests,
                                            const TestSelection& selection, std::size_t& left_out);

}  // namespace ktstr
