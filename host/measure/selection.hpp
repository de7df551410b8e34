// SPDX-License-Identifier: Apache-2.0
//
// Which tests of a project a command means.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "select/filter.hpp"
#include "select/partition.hpp"
#include "session/context.hpp"
#include "sidecar/run_manifest.hpp"

namespace ktstr {

struct TestSelection {
  std::vector<std::string>
      names;      ///< parts of test names, or globs, any of which may match; none: every test
  Filter filter;  ///< -E, which must match too
  std::vector<std::string> manifests;  ///< absolute: only tests of these files, which the configuration need
                                       ///< not name; none: those of the configuration
  bool performance_only = false;
  bool failed = false;                 ///< only what did not pass before, see Unpassed
  std::optional<Partition> partition;  ///< of what everything else leaves
};

/// Makes what --manifest names absolute; an error when one is no file.
Status find_manifests(const std::filesystem::path& cwd, std::vector<std::string>& files);

/// The tests of a project's manifests, and of `more` of them that somebody named (absolute paths).
Result<std::vector<TestEntry>> discover_tests(const AppContext& context, RunnerPort& runner,
                                              const std::filesystem::path& project_dir,
                                              const std::vector<std::string>& more = {});

/// Those of them whose manifests the configuration names.
Result<std::vector<TestEntry>> configured_tests(const AppContext& context,
                                                const std::vector<TestEntry>& tests);

/// Those that names, filter and `performance_only` select, in their order. A name without * and ? selects
/// every test whose name contains it; one that selects nothing is an error with a "did you mean".
Result<std::vector<TestEntry>> select_tests(const std::vector<TestEntry>& tests,
                                            const TestSelection& selection);

/// What a run left to be done again: tests that failed, could not be run, could not be judged, or never
/// ended. A skipped test is none: it would be skipped again.
struct Unpassed {
  std::string run;  ///< the key that it was taken from
  std::vector<PlannedTest> tests;
};
/// Of the run `key`, or, when there is none, of the run of the same kernel that changed last. An error when
/// there is neither.
Result<Unpassed> unpassed_tests(StorePort& store, const std::string& key, const std::string& kernel);

/// Keeps what is among `unpassed`, then what is in the partition.
void keep_unpassed(const Unpassed& unpassed, std::vector<TestEntry>& tests);
void keep_part(const Partition& partition, std::vector<TestEntry>& tests);

}  // namespace ktstr
