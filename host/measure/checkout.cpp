// SPDX-License-Identifier: Apache-2.0
#include "measure/checkout.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "config/load.hpp"
#include "measure/test_session.hpp"
#include "measure/variants.hpp"
#include "plan/run_plan.hpp"
#include "sidecar/variant_hash.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

/// The build command and the manifests are those of the side's own commit.
Result<Config> config_of(const AppContext& context, const fs::path& project_dir) {
  Config config = context.config;
  config.project_dir = project_dir;
  const fs::path file = project_dir / "ktstr.json";
  std::error_code error;
  if (!fs::exists(file, error)) return config;
  const auto text = read_file(file, 4 << 20);
  if (!text) return text.error();
  Config own;
  if (const Status applied = apply_config_text(*text, file.string(), ConfigLayer::kProject, own); !applied)
    return applied.error();
  config.build = own.build;
  config.tests = own.tests;
  return config;
}

AppContext with_config(const AppContext& context, const Config& config) {
  return {
      context.environment, config,        context.plugins, context.kernels,         context.cancelled,
      context.on_cancel,   context.warn,  context.inform,  context.out_is_terminal, context.err_is_terminal,
      context.out_colour,  context.width, context.explain};
}

/// Sorted; without directories and what a build leaves below "target".
std::vector<fs::path> files_of(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator it(directory, error), end;
  for (; !error && it != end; it.increment(error)) {
    const bool is_directory = it->is_directory(error);
    if (is_directory && it->path().filename() == "target") it.disable_recursion_pending();
    if (!is_directory) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

namespace {

/// The baseline names files as the tree has them; a person needs the directory, and what moves it.
Error in_checkout(const AppContext& context, Error error, const fs::path& destination) {
  std::error_code failed;
  const fs::space_info room = fs::space(destination, failed);
  constexpr std::uintmax_t kLittle = 1 << 20;
  if (context.cancelled || failed || room.available >= kLittle) return error;
  error.message += ": no room in " + printable(destination.string());
  error.hint = "checkouts lie below TMPDIR (" + printable(context.environment.tmpdir) +
               "): make room there, or let TMPDIR name a directory with some";
  return error;
}

}  // namespace

Status check_out(const AppContext& context, BaselinePort& baseline, const fs::path& destination,
                 const std::string& subdirectory, Checkout& side) {
  const Status out = baseline.checkout(context.config.project_dir.string(), side.spec.commit,
                                       destination.string(), side.spec.worktree);
  if (!out) return in_checkout(context, out.error(), destination);
  side.subdirectory = subdirectory;
  side.project_dir = subdirectory.empty() ? destination : destination / subdirectory;
  std::error_code error;
  if (fs::is_directory(side.project_dir, error)) return Ok{};
  return environment_error(
      side.spec.name + " " + side.spec.label + " has no directory " + printable(subdirectory),
      "choose a commit that has the project: --base");
}

bool SideSpec::takes(const TestEntry& test) const {
  return (scheduler.empty() || scheduler == test.scheduler) &&
         (topology.empty() || topology == test.topology);
}

Status find_tests(const AppContext& context, RunnerPort& runner, const Filter& filter, Checkout& side) {
  KTSTR_ASSERT(!side.project_dir.empty());  // it was checked out
  auto config = config_of(context, side.project_dir);
  if (!config) return config.error();
  side.config = std::move(*config);
  const auto tests = discover_tests(with_config(context, side.config), runner, side.project_dir);
  if (!tests) return tests.error();
  for (const TestEntry& test : *tests) {
    if (!test.performance_mode || !side.spec.takes(test)) continue;
    side.declared.push_back(test);
    if (filter.matches(subject_of(test))) side.tests.push_back(test);
  }
  return Ok{};
}

Error selects_no_test(const Filter& filter, const std::string& whose,
                      const std::vector<TestEntry>& declared) {
  std::vector<std::string> names;
  for (const TestEntry& test : declared) names.push_back(test.name);
  const std::vector<std::string> asked = filter.names();
  return usage_error("-E '" + printable(filter.text()) + "' selects no performance_mode test of " + whose +
                         (asked.empty() ? std::string() : suggestion(asked.front(), names)),
                     "ktstr test --list shows the tests");
}

Status build(const AppContext& context, const Kernel& kernel, const Checkout& side,
             const SideVariables& variables, const std::string& session) {
  // The directory that it is built in is gone when somebody reads about it.
  std::string way_there = "cd " + context.config.project_dir.string();
  if (!side.spec.worktree) {
    const std::string copy = "../" + context.config.project_dir.filename().string() + "-" + side.spec.label;
    way_there = "git worktree add " + copy + " " + side.spec.label + " && cd " + copy +
                (side.subdirectory.empty() ? "" : "/" + side.subdirectory);
  }
  const BuildRequest request{side.project_dir, side.spec.name + " " + side.spec.label,
                             way_there,        session,
                             variables.set,    variables.unset};
  return build_project(with_config(context, side.config), kernel, request);
}

std::string tree_digest(const fs::path& directory) {
  std::vector<std::string> parts;
  for (const fs::path& file : files_of(directory)) {
    std::string entry = file.lexically_relative(directory).string() + "\n";
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(file, error))) {
      entry += "-> " + fs::read_symlink(file, error).string();
    } else if (const auto sum = sha256_of_file(file)) {
      entry += *sum;
    }
    parts.push_back(std::move(entry));
  }
  return plan_identity(parts);
}

bool same_files(const fs::path& one, const fs::path& other) {
  // Names and sizes first: most trees that differ do so there.
  const auto outline = [](const fs::path& directory) {
    std::vector<std::pair<std::string, std::uintmax_t>> all;
    for (const fs::path& file : files_of(directory)) {
      std::error_code error;
      const bool regular = fs::is_regular_file(fs::symlink_status(file, error));
      all.emplace_back(file.lexically_relative(directory).string(), regular ? fs::file_size(file, error) : 0);
    }
    return all;
  };
  return outline(one) == outline(other) && tree_digest(one) == tree_digest(other);
}

}  // namespace ktstr
