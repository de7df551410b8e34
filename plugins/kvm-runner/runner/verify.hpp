// SPDX-License-Identifier: Apache-2.0
//
// `ktstr verifier`: schedulers loaded for what the kernel's verifier makes of them.
#pragma once
#include <atomic>
#include <boost/json/object.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/test_run.hpp"

namespace ktstr::kvm {

/// A short test for each scheduler that is wanted: one that `tests` use or `declared` has, by its name, or a
/// program of the project or an absolute path; without any wish all of those. Throws a Mistake.
std::vector<TestSpec> verifying_tests(const std::vector<std::string>& wanted,
                                      const std::vector<TestSpec>& tests, const boost::json::object& declared,
                                      const std::filesystem::path& project_dir);

/// Runs them and returns the document of ktstr/abi/runner.h.
std::string verify_schedulers(const RunContext& context, const std::vector<TestSpec>& tests,
                              const std::atomic<bool>& cancel);

}  // namespace ktstr::kvm
