// SPDX-License-Identifier: Apache-2.0
//
// What a runner tells of a test cannot contradict itself, and every test that was asked for has an end.
#include <sys/utsname.h>

#include "integration/project.hpp"

namespace ktstr::testing {
namespace {

class RunnerRules : public ::testing::Test {
 protected:
  Project project;

  /// `more`: keys of the only test's declaration. Expects an ERROR that says `why`, and the exit code of a
  /// plugin's fault.
  void expect_fault(const std::string& more, const std::string& why) {
    project.write("tests/all.json", R"({"name": "a", )" + more + "}");
    const ProgramResult result = project.ktstr({"test"});
    EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
    EXPECT_NE((result.out + result.err).find(why), std::string::npos) << result.out << result.err;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && name.starts_with("a-")) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
};

TEST_F(RunnerRules, WhatContradictsItselfIsAnError) {
  expect_fault(R"("says": "failed")", "the runner says passed and its sidecar failed");
  expect_fault(R"("outcome": "failed", "says": "passed")", "the runner says failed and its sidecar passed");
  expect_fault(R"("ends": 2)", "the runner said twice how it ended");
  expect_fault(R"("ends": 0)", "the runner returned and never said how it ended");
  expect_fault(R"("sidecar": "other")", "the runner sent a sidecar of");
  expect_fault(R"("sidecar": "none")", "the runner left no sidecar of it");
}

TEST_F(RunnerRules, ArtifactsOfAnyNumberLieBesideTheSidecar) {
  project.write("tests/all.json", R"({"name": "a", "artifacts": ["trace.txt", "perf.data.gz"]})");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const std::vector<std::string> names = files();
  ASSERT_EQ(names.size(), 3U);
  EXPECT_TRUE(names[0].starts_with("a-") && names[0].ends_with(".artifact-perf.data.gz")) << names[0];
  EXPECT_TRUE(names[1].ends_with(".artifact-trace.txt")) << names[1];
  EXPECT_TRUE(names[2].ends_with(".ktstr.json")) << names[2];
  // The next run of the test takes away what it does not leave again.
  project.write("tests/all.json", R"({"name": "a"})");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  for (const std::string& name : files()) EXPECT_TRUE(name.ends_with(".ktstr.json")) << name;
}

TEST_F(RunnerRules, APluginThatIsNamedAndMissingIsAnError) {
  project.write("ktstr.json", R"({"project": "demo", "runner": "fkae"})");
  expect_error(project.ktstr({"stats", "list"}), 2, {"there is no runner \"fkae\" (did you mean \"fake\"?)"});
}

TEST_F(RunnerRules, ArtifactsLeaveNoRun) {
  expect_fault(R"("artifacts": ["../trace.txt"])", "has a name that no file beside a sidecar may have");
  expect_fault(R"("artifacts": ["t", "t"])", "came twice");
  EXPECT_FALSE(fs::exists(project.directory() / "target/trace.txt"));
}

TEST_F(RunnerRules, ARunnerOfHostProcessesNeedsNoKernel) {
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake-host"})");
  fs::remove_all(project.tree / "cache");
  const ProgramResult result = project.ktstr({"test"});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  utsname names{};
  ASSERT_EQ(::uname(&names), 0);
  const std::string version(names.release, std::string(names.release).find_first_of("-+"));
  bool found = false;
  for (const auto& entry : fs::directory_iterator(project.directory() / "target/ktstr"))
    found = found || entry.path().filename().string().starts_with(version.substr(0, version.find('-')));
  EXPECT_TRUE(found);
  expect_error(project.ktstr({"test", "--kernel", "6.18"}), 2, {"--kernel has no meaning"});
}

TEST_F(RunnerRules, RunsOfNumberedBuildsCarryTheirLabels) {
  install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "numbers", project.tree / "data/ktstr/plugins/v1");
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "baseline": "numbers"})");
  project.write("builds.txt", "1001 b1001 first\n");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.write("numbers.json", Project::kBad);
  project.write("builds.txt", "1001 b1001 first\n1002 b1002 second\n");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  EXPECT_TRUE(fs::is_directory(project.directory() / "target/ktstr/6.18.2-b1001"));
  EXPECT_TRUE(fs::is_directory(project.directory() / "target/ktstr/6.18.2-b1002"));
  const ProgramResult delta = project.ktstr({"perf-delta", "--base", "1001"});
  EXPECT_NE(delta.out.find("see what changed: builds compare 1001 1002"), std::string::npos)
      << delta.out << delta.err;
  project.write("builds.txt", "1001 b1001 first\n1003 b1002 another of that label\n");
  expect_error(project.ktstr({"test"}), 3, {"holds results of the commit 1002"});
}

}  // namespace
}  // namespace ktstr::testing
