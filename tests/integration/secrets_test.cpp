// SPDX-License-Identifier: Apache-2.0
//
// A secret reaches the plugin that needs it, and nobody else: no output, no log, no configuration that is
// shown, no sidecar, no report, whatever the plugin says.
#include <fstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

constexpr const char* kSecret = "s3cr3t-v4lue";

class Secrets : public ::testing::Test {
 protected:
  void SetUp() override {
    project.two_commits();
    install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "misbehaving", project.tree / "data/ktstr/plugins/v1");
  }
  /// The gate with these options in the user's configuration.
  void configure(const std::string& options) const {
    project.tree.write("home/.config/ktstr/config.json",
                       R"({"cached_gates": [{"use": "misbehaving", "options": )" + options + "}]}");
  }
  ProgramResult run(const Arguments& arguments) const {
    return project.ktstr(arguments, {{"GATE_TOKEN", kSecret}, {"KTSTR_SECRET_GATE", kSecret}});
  }
  static void expect_secret(const ProgramResult& result) {
    EXPECT_EQ(result.out.find(kSecret), std::string::npos) << result.out;
    EXPECT_EQ(result.err.find(kSecret), std::string::npos) << result.err;
  }

  Project project;
  const Arguments delta{"perf-delta", "--base", "HEAD~1", "--fail-threshold", "1"};
};

TEST_F(Secrets, ReachThePluginAndNoOutput) {
  configure(R"({"how": "tell-options", "token": {"env": "GATE_TOKEN"}})");
  const ProgramResult told = run(delta);
  EXPECT_EQ(told.exit_code, 1) << told.err;
  expect_secret(told);
  EXPECT_NE(told.err.find("***"), std::string::npos) << "the plugin had it: " << told.err;

  configure(R"({"how": "fail-with-options", "token": {"env": "GATE_TOKEN"}})");
  const ProgramResult failed = run(delta);
  EXPECT_EQ(failed.exit_code, 4) << failed.err;
  expect_secret(failed);
  EXPECT_NE(failed.err.find("***"), std::string::npos) << failed.err;

  const ProgramResult shown = run({"config", "show"});
  expect_secret(shown);
  EXPECT_NE(shown.out.find("GATE_TOKEN"), std::string::npos) << shown.out;
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(bytes.find(kSecret), std::string::npos) << entry.path();
  }
}

TEST_F(Secrets, AreNamedAndNotWritten) {
  configure(R"({"token": "plain"})");
  expect_error(run(delta), 2, {"gate misbehaving: option \"token\" is a secret"});
  configure(R"({"token": {"env": "NOT_SET"}})");
  expect_error(run(delta), 2, {"the environment has no NOT_SET"});
}

TEST_F(Secrets, OfAProjectHaveNamesOfTheirOwn) {
  const auto project_names = [&](const std::string& variable) {
    project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "cached_gates": [
      {"use": "misbehaving", "options": {"token": {"env": ")" +
                                    variable + R"("}}}]})");
    project.commit("names " + variable);
    EXPECT_EQ(project.ktstr({"test"}).exit_code, 0);
    return run({"perf-delta", "--base", "HEAD~2", "--fail-threshold", "1"});
  };
  EXPECT_EQ(project_names("KTSTR_SECRET_GATE").exit_code, 1);
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "cached_gates": [
      {"use": "misbehaving", "options": {"token": {"env": "GATE_TOKEN"}}}]})");
  expect_error(run(delta), 2, {"KTSTR_SECRET_", "GATE_TOKEN"});
}

}  // namespace
}  // namespace ktstr::testing
