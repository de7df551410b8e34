// SPDX-License-Identifier: Apache-2.0
//
// Rules of perf-delta that hold for stored and for fresh runs: baselines, filters, policies, coverage,
// phases.
#include "project.hpp"

namespace ktstr::testing {
namespace {

class DeltaPage : public ::testing::Test {
 protected:
  Project project;
};

TEST_F(DeltaPage, KnowsTheTargetsOfMergeRequests) {
  const std::string fork = project.git({"rev-parse", "--short=7", "HEAD"});
  project.git({"switch", "-q", "-c", "topic"});
  project.write("numbers.json", Project::kBad);
  project.commit("on a branch");
  struct Case {
    Variables variables;
    const char* from;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{{"GITHUB_BASE_REF", "main"}, {"CHANGE_TARGET", "nowhere"}}, "GITHUB_BASE_REF"},
           {{{"CI_MERGE_REQUEST_DIFF_BASE_SHA", fork}, {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "nowhere"}},
            "CI_MERGE_REQUEST_DIFF_BASE_SHA"},
           {{{"CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"}}, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"},
           {{{"GITHUB_BASE_REF", ""}, {"CHANGE_TARGET", "main"}}, "CHANGE_TARGET"},
           {{{"SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"}}, "SYSTEM_PULLREQUEST_TARGETBRANCH"},
       }) {
    const ProgramResult result =
        project.ktstr({"perf-delta", "--default-branch", "nowhere", "--json"}, c.variables);
    EXPECT_EQ(parsed(result).at("baseline").at("label").as_string(), fork) << c.from;
    EXPECT_NE(result.err.find(std::string("from ") + c.from), std::string::npos) << result.err;
  }
  expect_error(project.ktstr({"perf-delta"}, {{"CHANGE_TARGET", "mains"}}), 3,
               {"the merge request's target", "did you mean \"main\"?"});
}

TEST_F(DeltaPage, AShallowCloneSaysHowToDeepenIt) {
  project.git({"switch", "-q", "-c", "topic"});
  project.commit("on a branch");
  project.git({"clone", "-q", "--depth", "1", "--branch", "topic", "file://" + project.directory().string(),
               (project.tree / "shallow").string()});
  expect_error(project.ktstr({"-C", (project.tree / "shallow").string(), "perf-delta"}), 3,
               {"git fetch --unshallow", "fetch-depth: 0"});
}

TEST_F(DeltaPage, FiltersAndPoliciesChangeWhatIsJudged) {
  project.two_commits();
  const auto regressed = [&](const Arguments& more) {
    Arguments all{"perf-delta", "--base", "HEAD~1", "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return parsed(project.ktstr(all)).at("counts").at("regressed").to_number<int>();
  };
  project.write(
      "policy.json",
      R"({"per_metric_percent": {"worst_gap_ms": 100000}, "scenarios": [{"filter": "beta", "default_percent": 0}]})");
  project.write(
      "strict.json",
      R"({"scenarios": [{"filter": "=alpha", "per_metric_abs": {"worst_gap_ms": 1e9}, "direction": {"total_iterations": "informational"}}]})");
  EXPECT_EQ(regressed({}), 2);
  EXPECT_EQ(regressed({"--policy", "policy.json"}), 1);
  EXPECT_EQ(regressed({"--policy", "strict.json"}), 0);
  EXPECT_EQ(regressed({"-E", "not alpha"}), 0);
  EXPECT_EQ(regressed({"-E", "work_type(=SpinWait) and topology(1n*)"}), 2);
  project.write("wrong.json", R"({"per_metric_percent": {"worst_gap": 5}})");
  expect_error(project.ktstr({"perf-delta", "--base", "HEAD~1", "--policy", "wrong.json"}), 2,
               {"wrong.json", "did you mean \"worst_gap_ms\"?"});
  expect_error(
      project.ktstr({"perf-delta", "--base", "HEAD~1", "--policy", "policy.json", "--threshold", "5"}), 2,
      {"--threshold and --policy exclude each other"});
  expect_error(project.ktstr({"perf-delta", "--base", "HEAD~1", "-E", "alhpa"}), 2,
               {"did you mean \"alpha\"?"});

  const ProgramResult list =
      project.ktstr({"test", "--list", "--json", "-E", "scheduler(scx_demo) or =plain"});
  EXPECT_EQ(parsed(list).at("tests").as_array().size(), 2U);
  expect_error(project.ktstr({"test", "-E", "shceduler(x)"}), 2,
               {"did you mean \"scheduler\"?", "\nktstr:        ^"});
  expect_error(project.ktstr({"test", "alpha", "-E", "=beta"}), 2, {"no test is selected by both"});
}

TEST_F(DeltaPage, HeadWithoutSidecarsIsAnErrorThatHelps) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.write("numbers.json", Project::kBad);
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);  // of the changed tree
  project.commit("what was measured before");
  expect_error(
      project.ktstr({"perf-delta", "--base", "HEAD~1"}), 3,
      {"no performance_mode sidecars of HEAD", "the pool has 6 sidecars", "ktstr test", "list-values"});
}

TEST_F(DeltaPage, PhasesAreShownAndJudgeNothing) {
  project.write("tests/all.json", R"({"tests": [{"name": "alpha", "phases_file": "phases.json"}]})");
  project.write(
      "phases.json",
      R"({"phases": [{"step_index": 0, "metrics": {"iteration_rate": 50}}, {"step_index": 1, "label": "Step[1]", "metrics": {"iteration_rate": 100}}]})");
  project.commit("with phases");
  project.write(
      "phases.json",
      R"({"phases": [{"step_index": 0, "metrics": {"iteration_rate": 10}}, {"step_index": 1, "label": "Step[1]", "metrics": {"iteration_rate": 20}}]})");
  project.commit("slower");
  const auto delta = [&](const Arguments& more) {
    Arguments all{"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18", "--resume"};
    all.insert(all.end(), more.begin(), more.end());
    return project.ktstr(all);
  };
  const json::value document = parsed(delta({"--json"}));
  EXPECT_EQ(document.at("phases").as_array().size(), 2U);
  EXPECT_EQ(document.at("phases").at(1).at("relative").to_number<double>(), -0.8);
  EXPECT_EQ(document.at("verdict"), "pass");
  EXPECT_EQ(parsed(delta({"--json", "--steps-only"})).at("phases").as_array().size(), 1U);
  EXPECT_EQ(parsed(delta({"--json", "--phase", "0"})).at("phases").at(0).at("label"), "BASELINE");
  EXPECT_EQ(parsed(delta({"--json", "--phase-threshold", "90"})).at("phases").as_array().size(), 0U);
  EXPECT_EQ(parsed(delta({"--json", "--no-phases"})).at("phases").as_array().size(), 0U);
  EXPECT_NE(delta({"--phases-only"}).out.find("Step[1]"), std::string::npos);
}

TEST_F(DeltaPage, SaysHowOftenLuckWouldSpeak) {
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "alpha", "jitter": 0.9, "independent": true, "metrics": {"worst_p99_wake_latency_us": 5000, "worst_mean_run_delay_us": 5000, "iteration_rate": 1000,
    "worst_median_wake_latency_us": 3000, "worst_spread": 60}}]})");
  project.commit("noisy");
  project.write("comment", "x");
  project.commit("the same");
  const json::value document =
      parsed(project.ktstr({"perf-delta", "--base", "HEAD~1", "--noise-adjust", "3", "--kernel", "6.18",
                            "--gate", "welch+threshold", "--json"}));
  EXPECT_GT(document.at("luck").at("chance").to_number<double>(), 0.05);
  EXPECT_NE(document.at("luck").at("text").as_string().find("--gate fdr"), json::string::npos);
  EXPECT_GT(document.at("sight").at("blind").to_number<int>(), 0);
}

}  // namespace
}  // namespace ktstr::testing
