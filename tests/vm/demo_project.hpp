// SPDX-License-Identifier: Apache-2.0
//
// The demo project as a git repository of its own, for tests on real guests. Needs what the project needs to
// build, and KTSTR_TEST_KERNEL.
#pragma once
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "framework/run_program.hpp"
#include "framework/temp_tree.hpp"

namespace ktstr::testing {

namespace json = boost::json;
namespace fs = std::filesystem;

class Demo : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* kernel = std::getenv("KTSTR_TEST_KERNEL");
    ASSERT_TRUE(kernel != nullptr && fs::is_regular_file(kernel))
        << "KTSTR_TEST_KERNEL must name a kernel image with sched_ext";
    kernel_ = kernel;
    const ProgramResult made = run({KTSTR_DEMO "/make-repo", project().string()}, tree_.path());
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  fs::path project() const { return tree_ / "demo"; }
  static ProgramResult run(std::vector<std::string> argv, const fs::path& directory) {
    Program program;
    program.argv = std::move(argv);
    program.directory = directory.string();
    return run_program(program);
  }
  void git_switch(const std::string& branch) const {
    ASSERT_EQ(run({"git", "switch", "-q", branch}, project()).exit_code, 0);
  }
  ProgramResult ktstr(std::vector<std::string> arguments, const std::string& sidecar_dir = "") const {
    arguments.insert(arguments.begin(), KTSTR_BINARY);
    Program program;
    program.argv = std::move(arguments);
    program.directory = project().string();
    program.environment = {{"KTSTR_SIDECAR_DIR", sidecar_dir}};
    program.without = {"GITHUB_BASE_REF"};
    program.timeout = std::chrono::seconds(900);
    return run_program(program);
  }
  /// perf-delta's document, and its exit code.
  json::object perf_delta(const std::vector<std::string>& more, int& exit_code) const {
    std::vector<std::string> arguments = {"perf-delta", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = ktstr(arguments);
    exit_code = result.exit_code;
    boost::system::error_code error;
    const json::value document = json::parse(result.out, error);
    EXPECT_FALSE(error) << result.out << result.err;
    return error ? json::object() : document.as_object();
  }
  static std::set<std::string> regressed(const json::object& document) {
    std::set<std::string> metrics;
    for (const json::value& row : document.at("rows").as_array()) {
      if (row.at("outcome").as_string() == "regressed")
        metrics.insert(std::string(row.at("metric").as_string()));
    }
    return metrics;
  }

  TempTree tree_;
  std::string kernel_;
};

}  // namespace ktstr::testing
