// SPDX-License-Identifier: Apache-2.0
//
// Profiles of the configuration, and retries, which only a profile or a flag asks for.
#include "project.hpp"

namespace ktstr::testing {
namespace {

class Profiles : public ::testing::Test {
 protected:
  Profiles() {
    project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "strict": false, "profiles": {
      "ci": {"strict": true, "retries": 2, "jobs": 3, "reporters": ["terminal", {"use": "json", "out": "ci.json"}]},
      "lenient": {"retries": 1},
      "hard": {"retries": 1, "flaky": "fail"},
      "half": {"partition": "slice:1/2"},
      "noisy": {"threshold": 100000}}})");
    project.write("tests/all.json", R"({"tests": [
      {"name": "shaky", "outcomes": ["failed", "failed", "passed"]},
      {"name": "steady", "metrics_file": "numbers.json"}]})");
    project.commit("profiles");
  }
  ProgramResult run(Arguments arguments, const Variables& more = {}) const {
    arguments.insert(arguments.begin(), "test");
    return project.ktstr(arguments, more);
  }
  json::object sidecar(const std::string& test) const {
    for (const auto& file : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
      const std::string name = file.path().filename().string();
      if (name.starts_with(test + "-") && name.ends_with(".ktstr.json"))
        return json::parse(project.tree.read(fs::relative(file.path(), project.tree.path()).string()))
            .as_object();
    }
    ADD_FAILURE() << "no sidecar of " << test;
    return {};
  }
  static void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "no \"" << part << "\" in\n" << text;
  }
  Project project;
};

TEST_F(Profiles, AFailureIsNotRunAgainUnlessSomebodyAsks) {
  const ProgramResult plain = run({});
  EXPECT_EQ(plain.exit_code, 1);
  expect_in(plain.out, "2 tests run: 1 passed, 1 failed");
  EXPECT_FALSE(sidecar("shaky").contains("earlier_attempts"));
}

TEST_F(Profiles, WhatFailsAndThenPassesIsFlaky) {
  const ProgramResult result =
      run({"--retries", "2", "--reporter", "terminal", "--reporter", "junit::out=junit.xml"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_in(result.out, "FLAKY");
  expect_in(result.out, "attempt 1 of 3 failed: failed in run 1");
  expect_in(result.out, "attempt 2 of 3 failed: failed in run 2");
  expect_in(result.out, "2 tests run: 1 passed, 1 flaky");
  expect_in(result.err, "1 test is flaky");
  const std::string junit = project.tree.read("project/junit.xml");
  expect_in(junit, "<flakyFailure message=\"failed in run 1\"");
  expect_in(junit, "<flakyFailure message=\"failed in run 2\"");
  const json::object stored = sidecar("shaky");
  EXPECT_EQ(stored.at("passed"), true);
  ASSERT_EQ(stored.at("earlier_attempts").as_array().size(), 2U);
  EXPECT_EQ(stored.at("earlier_attempts").at(1).at("reason"), "failed in run 2");
  EXPECT_FALSE(sidecar("steady").contains("earlier_attempts"));
  const std::string label = project.git({"rev-parse", "--short=7", "HEAD"});
  const ProgramResult shown = project.ktstr({"show", "6.18.2-" + label, "shaky"});
  expect_in(shown.out, ": flaky\n");
  expect_in(shown.out, "an earlier attempt failed: failed in run 1");
  expect_in(shown.out, "failure-attempt2-dump.json");
  const ProgramResult left = run({"--failed", "--list"});
  expect_in(left.out, "shaky");
  EXPECT_EQ(left.out.find("steady"), std::string::npos);
}

TEST_F(Profiles, TooFewRetriesAreAFailure) {
  const ProgramResult result = run({"--retries", "1", "--json"});
  EXPECT_EQ(result.exit_code, 1);
  const json::value report = parsed(result);
  EXPECT_EQ(report.at("failed"), 1);
  EXPECT_EQ(report.at("flaky"), 0);
  for (const json::value& test : report.at("tests").as_array()) {
    if (test.at("test") != "shaky") continue;
    ASSERT_EQ(test.at("earlier_attempts").as_array().size(), 1U);
    EXPECT_EQ(test.at("earlier_attempts").at(0),
              json::parse(R"({"outcome": "failed", "reason": "failed in run 1"})"));
  }
  expect_in(result.err, "shaky failed and will run again: failed in run 1");
  EXPECT_EQ(sidecar("shaky").at("passed"), false);
}

TEST_F(Profiles, WhatFlakyMeansIsSaidByFlagProfileAndStrict) {
  project.write("tests/all.json", R"({"tests": [{"name": "shaky", "outcomes": ["failed", "passed"]}]})");
  EXPECT_EQ(run({"--profile", "lenient"}).exit_code, 0) << "a session of flaky tests only was judged, too";
  EXPECT_EQ(run({"--profile", "hard"}).exit_code, 1);
  EXPECT_EQ(run({"--profile", "hard", "--flaky", "pass"}).exit_code, 0);
  EXPECT_EQ(run({"--profile", "lenient", "--flaky", "fail"}).exit_code, 1);
  EXPECT_EQ(run({"--profile", "lenient", "--strict"}).exit_code, 5);
  EXPECT_EQ(run({"--profile", "lenient", "--retries", "0"}).exit_code, 1) << "a flag wins";
  EXPECT_EQ(run({"--profile", "lenient", "--deterministic"}).exit_code, 1) << "equal inputs end alike";
  expect_error(run({"--retries", "1", "--deterministic"}), 2, {"exclude each other"});
  expect_error(run({"--flaky", "maybe"}), 2, {"--flaky \"maybe\": pass or fail"});
  expect_error(run({"--retries", "11"}), 2, {"at most 10"});
}

TEST_F(Profiles, AnAttemptThatCannotBeJudgedUndoesNoFailure) {
  project.write("tests/all.json", R"({"tests": [{"name": "shaky", "outcomes": ["failed", "skipped"]}]})");
  const ProgramResult result = run({"--retries", "3"});
  EXPECT_EQ(result.exit_code, 1);
  expect_in(result.out, "run again, it did not get as far (skipped): skipped in run 2");
}

TEST_F(Profiles, TheChosenOneLiesOverTheRest) {
  const ProgramResult ci = run({"--profile", "ci"});
  EXPECT_EQ(ci.exit_code, 5) << "strict, and a test was flaky";
  expect_in(ci.out, "1 flaky");
  EXPECT_TRUE(project.tree.exists("project/ci.json"));
  EXPECT_EQ(run({}, {{"KTSTR_PROFILE", "ci"}}).exit_code, 5);
  EXPECT_EQ(run({"--profile", "lenient"}, {{"KTSTR_PROFILE", "ci"}}).exit_code, 1) << "the flag wins";
  const ProgramResult half = run({"--list", "--profile", "half"});
  expect_in(half.out, "shaky");
  EXPECT_EQ(half.out.find("steady"), std::string::npos);
  expect_in(run({"--list", "--profile", "half", "--partition", "slice:2/2"}).out, "steady");
  const json::value shown =
      parsed(project.ktstr({"config", "show", "--json", "--profile", "ci"})).at("values");
  EXPECT_EQ(shown.at("strict").at("value"), true);
  expect_in(std::string(shown.at("strict").at("from").as_string()), "profile ci of project ");
  EXPECT_EQ(shown.at("retries").at("value"), 2);
  EXPECT_EQ(shown.at("profile").at("value"), "ci");
}

TEST_F(Profiles, PerfDeltaTakesItsJudgementFromOne) {
  const auto compare = [&](Arguments more) {
    Arguments arguments{"perf-delta", "--base", "HEAD~1", "--fail-threshold", "1", "-E", "=steady"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return project.ktstr(arguments);
  };
  run({});
  project.write("numbers.json", Project::kBad);
  project.commit("worse");
  run({});
  EXPECT_EQ(compare({}).exit_code, 1);
  EXPECT_EQ(compare({"--profile", "noisy"}).exit_code, 0) << "a threshold that nothing reaches";
  EXPECT_EQ(compare({"--profile", "noisy", "--threshold", "10"}).exit_code, 1) << "the flag wins";
}

TEST_F(Profiles, MistakesNameTheirPlace) {
  expect_error(run({"--profile", "cj"}), 2, {"there is no profile \"cj\"", "did you mean \"ci\"?"});
  const auto refused = [&](const std::string& profiles, const std::vector<std::string>& parts) {
    project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "profiles": )" + profiles + "}");
    expect_error(run({}), 2, parts);
  };
  refused(R"({"ci": {"retrie": 1}})", {"ci", "retrie", "did you mean \"retries\"?"});
  refused(R"({"ci": {"retries": 11}})", {"ci.retries"});
  refused(R"({"ci": {"policy": "../p.json"}})", {"ci.policy", "inside the project"});
  refused(R"({"ci": {"repeats": 3, "policy": "p.json"}})", {"\"repeats\" and \"policy\" exclude each other"});
  refused(R"({"": {}})", {"is no name that a profile may have"});
  refused("[]", {"profiles"});
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake"})");
  expect_error(run({"--profile", "ci"}), 2, {"there is no profile \"ci\"", "no configuration file has"});
}

}  // namespace
}  // namespace ktstr::testing
