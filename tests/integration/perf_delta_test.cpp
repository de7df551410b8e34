// SPDX-License-Identifier: Apache-2.0
//
// `ktstr perf-delta` over stored sidecars: verdicts, flags, how the baseline is found, and the JSON document.
#include "project.hpp"

namespace ktstr::testing {
namespace {

std::vector<std::string> keys(const json::value& object) {
  std::vector<std::string> names;
  for (const auto& entry : object.as_object()) names.emplace_back(entry.key());
  return names;
}

/// Every key of the promise is there; what comes on top is allowed.
void expect_keys(const json::value& object, const std::vector<std::string>& promised) {
  for (const std::string& key : promised)
    EXPECT_TRUE(object.as_object().contains(key))
        << key << " is not among " << ::testing::PrintToString(keys(object));
}

ProgramResult against_parent(const Project& project, const Arguments& more = {}) {
  Arguments arguments{"perf-delta", "--base", "HEAD~1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return project.ktstr(arguments);
}

TEST(PerfDelta, TheDocument) {
  const Project project;
  project.two_commits();
  const ProgramResult result = against_parent(project, {"--fail-threshold", "2", "--json"});
  EXPECT_EQ(result.exit_code, 1);
  const json::value document = parsed(result);
  expect_keys(document, {"schema_version", "mode", "verdict", "exit_code", "baseline", "head", "gates",
                         "counts", "rows"});
  EXPECT_EQ(document.at("schema_version"), 1);
  EXPECT_EQ(document.at("mode"), "cached");
  EXPECT_EQ(document.at("verdict"), "fail");
  EXPECT_EQ(document.at("exit_code"), 1);
  expect_keys(document.at("baseline"), {"commit", "label", "how"});
  EXPECT_EQ(document.at("baseline").at("commit").as_string(), project.git({"rev-parse", "HEAD~1"}));
  EXPECT_EQ(document.at("head").at("commit").as_string(), project.git({"rev-parse", "HEAD"}));
  EXPECT_EQ(document.at("head").at("label").as_string(), project.git({"rev-parse", "--short=7", "HEAD"}));
  EXPECT_EQ(document.at("gates"), json::array{"threshold"});
  expect_keys(document.at("counts"),
              {"regressed", "improved", "unchanged", "inconclusive", "informational", "new", "removed"});
  EXPECT_EQ(document.at("counts").at("regressed"), 2);
  std::size_t regressed = 0;
  for (const json::value& row : document.at("rows").as_array()) {
    expect_keys(row, {"test", "topology", "scheduler", "work_type", "kernel", "metric", "unit", "polarity",
                      "baseline", "head", "delta", "relative", "outcome", "p_value", "text"});
    for (const char* side : {"baseline", "head"})
      expect_keys(row.at(side), {"n", "mean", "min", "max", "values"});
    EXPECT_TRUE(row.at("p_value").is_null()) << "one value a side has no p";
    EXPECT_NE(row.at("test"), "plain") << "no performance_mode test";
    regressed += row.at("outcome") == "regressed" ? 1 : 0;
  }
  EXPECT_EQ(regressed, 2U);
  EXPECT_EQ(document.at("rows").at(0).at("metric"), "worst_gap_ms") << "the worst comes first";
}

TEST(PerfDelta, AFindingStandsBesideWhatEarlierCommitsHad) {
  const Project project;
  const std::string first = project.git({"rev-parse", "--short=7", "HEAD"});
  project.two_commits(R"({"worst_gap_ms": 21, "total_iterations": 1000})");
  project.write("numbers.json", Project::kBad);
  project.commit("third");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0);
  const json::value document = parsed(against_parent(project, {"--json"}));
  for (const json::value& row : document.at("rows").as_array()) {
    EXPECT_EQ(row.as_object().contains("history"), row.at("outcome") == "regressed");
    if (row.at("metric") != "worst_gap_ms" || row.at("test") != "alpha") continue;
    const json::array& history = row.at("history").as_array();
    ASSERT_EQ(history.size(), 1U) << "neither side's own";
    EXPECT_EQ(history[0].at("commit").as_string(), first);
    EXPECT_NEAR(history[0].at("mean").to_number<double>(), 20, 1);
    EXPECT_EQ(history[0].at("runs"), 1);
  }
}

TEST(PerfDelta, TheTable) {
  const Project project;
  project.two_commits();
  const ProgramResult result = against_parent(project);
  EXPECT_EQ(result.exit_code, 0) << "2 regressions are below the default of 5";
  EXPECT_TRUE(matches_golden("integration/perf-delta-cached.txt", result.out));
  for (const std::string& line : {result.out}) EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST(PerfDelta, WhatFails) {
  const Project project;
  project.two_commits();
  EXPECT_EQ(against_parent(project).exit_code, 0);
  EXPECT_EQ(against_parent(project, {"--fail-threshold", "2"}).exit_code, 1);
  EXPECT_EQ(against_parent(project, {"--fail-threshold", "3"}).exit_code, 0);
  EXPECT_EQ(against_parent(project, {"--fail-threshold", "0"}).exit_code, 0) << "counting is off";
  EXPECT_EQ(against_parent(project, {"--must-fail", "worst_gap_ms"}).exit_code, 1);
  EXPECT_EQ(against_parent(project, {"--must-fail", "worst_spread,worst_gap_ms"}).exit_code, 1);
  EXPECT_EQ(against_parent(project, {"--must-fail", "worst_spread"}).exit_code, 0);
  const ProgramResult strict =
      against_parent(project, {"--threshold", "80", "--fail-threshold", "1", "--json"});
  EXPECT_EQ(strict.exit_code, 1);
  EXPECT_EQ(parsed(strict).at("counts").at("regressed"), 1)
      << "the gap grew a hundredfold, the iterations fell by 70 %";
  EXPECT_EQ(parsed(against_parent(project, {"--threshold", "100000", "--json"})).at("counts").at("regressed"),
            0);
  EXPECT_EQ(parsed(against_parent(project, {"-E", "beta", "--json"})).at("counts").at("regressed"), 0);
}

TEST(PerfDelta, EqualNumbersPass) {
  const Project project;
  project.two_commits(Project::kGood);
  const json::value document = parsed(against_parent(project, {"--json"}));
  EXPECT_EQ(document.at("verdict"), "pass");
  EXPECT_EQ(document.at("counts").at("regressed"), 0);
}

TEST(PerfDelta, NoBaselineIsANotice) {
  const Project project;
  project.commit("second");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const ProgramResult result = against_parent(project);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.out.find("NOTHING TO COMPARE"), std::string::npos) << result.out;
  EXPECT_EQ(parsed(against_parent(project, {"--json"})).at("verdict"), "empty");
}

TEST(PerfDelta, FailedRunsAreNoPass) {
  const Project project;
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "alpha", "outcome": "failed"}, {"name": "beta", "scheduler": "scx_demo", "work_type": "PipeIo"}]})");
  project.commit("fails");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 1);
  const ProgramResult result = against_parent(project, {"--json"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(parsed(result).at("verdict"), "inconclusive");
}

TEST(PerfDelta, HeadWithoutSidecarsIsAnError) {
  const Project project;
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.commit("second");
  expect_error(against_parent(project), 3, {"no performance_mode sidecars of HEAD", "ktstr test"});
}

TEST(PerfDelta, BaselineThatIsHeadIsRefused) {
  const Project project;
  expect_error(project.ktstr({"perf-delta"}), 2, {"nothing to compare"});
  expect_error(project.ktstr({"perf-delta", "--base", "HEAD"}), 2, {"nothing to compare", "--base HEAD~1"});
  expect_error(project.ktstr({"perf-delta", "--base", "nowhere"}), 3, {"\"nowhere\" is no commit"});
}

TEST(PerfDelta, WorkInProgressAgainstItsOwnCommit) {
  const Project project;
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.write("numbers.json", Project::kBad);
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const ProgramResult result =
      project.ktstr({"perf-delta", "--base", "HEAD", "--must-fail", "worst_gap_ms", "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const json::value document = parsed(result);
  EXPECT_TRUE(document.at("head").at("label").as_string().ends_with("-dirty"));
  EXPECT_EQ(document.at("baseline").at("label").as_string(), project.git({"rev-parse", "--short=7", "HEAD"}));
}

TEST(PerfDelta, HowTheBaselineIsFound) {
  const Project project;
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const std::string fork = project.git({"rev-parse", "--short=7", "HEAD"});
  project.git({"switch", "-q", "-c", "topic"});
  project.write("numbers.json", Project::kBad);
  project.commit("worse");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.git({"switch", "-q", "main"});
  project.write("unrelated.txt", "main went on\n");
  project.commit("main goes on");
  project.git({"update-ref", "refs/remotes/origin/main", "main"});
  project.git({"switch", "-q", "topic"});
  const auto baseline = [&](const Arguments& flags, const Variables& more) {
    Arguments arguments{"perf-delta", "--json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const json::value document = parsed(project.ktstr(arguments, more));
    return document.is_object() ? std::string(document.at("baseline").at("label").as_string()) : "";
  };
  EXPECT_EQ(baseline({}, {}), fork) << "merge base with main";
  EXPECT_EQ(baseline({"--base-ref", "main"}, {}), fork);
  EXPECT_EQ(baseline({"--default-branch", "topic~1"}, {}), fork);
  EXPECT_EQ(baseline({"--default-branch", "nowhere"}, {{"GITHUB_BASE_REF", "main"}}), fork)
      << "a pull request's target comes before the default branch";
  EXPECT_EQ(baseline({"--base", fork, "--base-ref", "nowhere"}, {}), fork) << "--base comes first";
  EXPECT_EQ(baseline({"--base", fork}, {{"GITHUB_BASE_REF", "nowhere"}}), fork) << "--base comes first";
}

}  // namespace
}  // namespace ktstr::testing
