// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "measure/build_environment.hpp"
#include "select/filter.hpp"
#include "session/context.hpp"

namespace ktstr {

/// One side of a measurement: a commit, or the work tree as it lies there.
struct SideSpec {
  std::string name;    ///< for people: "baseline", "HEAD"
  std::string prefix;  ///< of its run directories: "base", "head"
  std::string commit, label;
  bool worktree = false;
  std::string scheduler, topology;  ///< along an axis: only variants with it; empty: any
  std::optional<Kernel> kernel;     ///< along an axis of kernels: its own
  bool takes(const TestEntry& test) const;
};

/// A side's files, with the configuration and the performance tests of its own commit.
struct Checkout {
  SideSpec spec;
  std::filesystem::path project_dir;  ///< while the side is shown
  std::string subdirectory;           ///< of the project in its repository, empty for the top
  Config config;
  std::vector<TestEntry> tests;
  std::vector<TestEntry> declared;  ///< all its performance tests, selected or not
};

/// Writes the side's files into the empty directory `destination`. Nothing is built or read from them yet.
Status check_out(const AppContext& context, BaselinePort& baseline, const std::filesystem::path& destination,
                 const std::string& subdirectory, Checkout& side);
/// Reads its ktstr.json and finds its performance tests.
Status find_tests(const AppContext& context, RunnerPort& runner, const Filter& filter, Checkout& side);
/// An expression that selects none of these tests is a mistake; `whose` says where it looked, "HEAD".
Error selects_no_test(const Filter& filter, const std::string& whose, const std::vector<TestEntry>& declared);
Status build(const AppContext& context, const Kernel& kernel, const Checkout& side,
             const SideVariables& variables, const std::string& session);

/// Identity of a tree's files, for work trees that no commit names. Build results below "target" do not
/// count.
std::string tree_digest(const std::filesystem::path& directory);
/// Whether two trees hold the same files, as far as `tree_digest` looks.
bool same_files(const std::filesystem::path& one, const std::filesystem::path& other);

}  // namespace ktstr
