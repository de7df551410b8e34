// SPDX-License-Identifier: Apache-2.0
//
// `ktstr doctor` in a project: what it finds, and how it ends.
#include "project.hpp"

namespace ktstr::testing {
namespace {

/// By subject and name.
std::map<std::string, json::value> checks_of(const ProgramResult& result) {
  std::map<std::string, json::value> checks;
  const json::value document = parsed(result);
  for (const json::value& check : document.at("checks").as_array())
    checks[std::string(check.at("subject").as_string()) + "/" + std::string(check.at("name").as_string())] =
        check;
  return checks;
}

TEST(Doctor, FindsWhatARunNeeds) {
  const Project project;
  project.two_commits();
  const ProgramResult result = project.ktstr({"doctor", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  auto checks = checks_of(result);
  EXPECT_EQ(checks.at("runner fake/fake machine").at("found"), "always there");
  EXPECT_EQ(checks.at("project/tests").at("found"), "3 tests in 1 manifest");
  EXPECT_NE(checks.at("project/store").at("found").as_string().find(", 2 runs"), std::string::npos);
  EXPECT_EQ(checks.at("kernels/6.18.2").at("state"), "warn") << "nobody knows its configuration";
  for (const char* name : {"machine/load", "machine/governor", "machine/memory", "machine//dev/shm",
                           "machine/real time", "machine/caches", "project/baseline",
                           "plugins/org.ktstr.gate-fdr", "plugins/test.ktstr.fixture-fake-runner"})
    EXPECT_TRUE(checks.contains(name)) << name;
  EXPECT_NE(checks.at("plugins/org.ktstr.gate-fdr").at("found").as_string().find("sha256 "),
            std::string::npos);
  for (const auto& [name, check] : checks) {
    if (check.at("state") != "ok") {
      EXPECT_TRUE(check.at("fix").is_string()) << name;
    }
  }
  const ProgramResult text = project.ktstr({"doctor"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_NE(text.out.find("runner fake\n  ok    fake machine"), std::string::npos) << text.out;
}

TEST(Doctor, AFailureIsAnErrorWithItsFix) {
  const Project project;
  project.write("ktstr.json", R"({"runner": {"use": "fake", "options": {"ready": false}}})");
  ProgramResult result = project.ktstr({"doctor"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.out.find("FAIL  fake machine"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("fix: drop \"ready\""), std::string::npos) << result.out;
  project.write("ktstr.json", Project::kConfiguration);
  project.write("tests/all.json", R"({"tests": [{"name": "a", "outcom": "passed"}]})");
  result = project.ktstr({"doctor", "--json"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(checks_of(result).at("project/tests").at("state"), "fail");
  project.write("tests/all.json", Project::kTests);
  result = project.ktstr({"doctor", "--json", "--kernel", "5.4"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(checks_of(result).at("kernels/of a test").at("fix"), "ktstr kernel fetch 5.4");
}

TEST(Doctor, AProjectOfSchedulersNeedsAToolchain) {
  const Project project;
  project.write("ktstr.json", R"({"runner": "fake", "build": "true"})");
  project.write("tests/all.json", R"({"tests": [{"name": "a", "program": "build/scx_mine"}]})");
  EXPECT_TRUE(checks_of(project.ktstr({"doctor", "--json"})).contains("BPF toolchain/clang"));
  project.write("tests/all.json", R"({"tests": [{"name": "a"}]})");
  EXPECT_FALSE(checks_of(project.ktstr({"doctor", "--json"})).contains("BPF toolchain/clang"));
}

}  // namespace
}  // namespace ktstr::testing
