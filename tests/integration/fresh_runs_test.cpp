// SPDX-License-Identifier: Apache-2.0
//
// `ktstr perf-delta --noise-adjust` as a plan: its order, its resumption, its ways to spend fewer runs, and
// what a kill leaves behind.
#include <signal.h>

#include <set>
#include <thread>

#include "project.hpp"

namespace ktstr::testing {
namespace {

constexpr const char* kNoisy = R"({"tests": [
  {"name": "alpha", "metrics_file": "numbers.json", "jitter": 0.02, "independent": true, "duration_ms": 20},
  {"name": "beta", "jitter": 0.02, "independent": true, "metrics": {"iteration_rate": 900}, "duration_ms": 20},
  {"name": "gamma", "duration_ms": 20}]})";

class FreshRuns : public ::testing::Test {
 protected:
  FreshRuns() { manifest(kNoisy); }
  /// Both commits with this manifest: the second one hurts.
  void manifest(const char* text) {
    project.write("tests/all.json", text);
    project.write("numbers.json", Project::kGood);
    good = project.commit("fine");
    project.write("numbers.json", Project::kBad);
    bad = project.commit("worse");
  }
  Arguments delta(const std::string& runs, const Arguments& more = {}) const {
    Arguments all{"perf-delta", "--base", "HEAD~1", "--noise-adjust", runs, "--kernel", "6.18", "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// Where the one session that has it keeps a pass; "none" without one.
  std::string run_of(const std::string& side, int block) const {
    const fs::path sessions = project.directory() / "target/ktstr/.sessions";
    const std::string pass = side + "-" + (side == "base" ? good : bad) + "-" + std::to_string(block);
    if (!fs::is_directory(sessions)) return "none";
    for (const auto& session : fs::directory_iterator(sessions)) {
      if (fs::is_directory(session.path() / pass))
        return (session.path() / pass).lexically_relative(project.tree.path()).string();
    }
    return "none";
  }
  std::string git_state() const {
    return project.git({"for-each-ref"}) + project.git({"worktree", "list"}) +
           project.tree.read("project/.git/index");
  }

  Project project;
  std::string good, bad;
};

TEST_F(FreshRuns, RecordTheirPlaceInThePlan) {
  const ProgramResult result = project.ktstr(delta("2", {"--seed", "7"}));
  EXPECT_NE(result.err.find("4 passes in 2 blocks, order abba, seed 7"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("block 1 of 2"), std::string::npos) << "quiet in a pipe: " << result.err;
  std::set<std::string> places;
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
    if (!entry.path().filename().string().starts_with("alpha-")) continue;
    const json::value sidecar =
        json::parse(project.tree.read(entry.path().lexically_relative(project.tree.path())));
    const json::object& place = sidecar.at("perf_delta").as_object();
    EXPECT_EQ(place.at("plan"), parsed(result).at("plan"));
    places.insert(std::string(place.at("side").as_string()) + json::serialize(place.at("block")) +
                  json::serialize(place.at("slot")) + json::serialize(sidecar.at("seed")));
  }
  EXPECT_EQ(places, (std::set<std::string>{"baseline007", "head017", "head128", "baseline138"}));
}

TEST_F(FreshRuns, DeterministicEqualTreesGiveNothingAtAll) {
  project.write("numbers.json", Project::kGood);
  project.write("comment.txt", "nothing that matters");
  project.commit("a comment");
  const json::value document =
      parsed(project.ktstr({"perf-delta", "--base", good, "--noise-adjust", "3", "--kernel", "6.18",
                            "--deterministic", "--all-metrics", "--json", "-E", "=gamma"}));
  EXPECT_EQ(document.at("verdict"), "pass");
  for (const json::value& row : document.at("rows").as_array())
    EXPECT_EQ(row.at("delta").to_number<double>(), 0) << json::serialize(row);
}

TEST_F(FreshRuns, ResumeTakesUpWhatIsComplete) {
  manifest(R"({"tests": [{"name": "alpha", "metrics_file": "numbers.json", "sleep_ms": 300}]})");
  {
    RunningProgram running(project.program(delta("3")));
    const auto stored = [&] {
      return fs::is_directory(project.tree / run_of("head", 0)) &&
             !fs::is_empty(project.tree / run_of("head", 0));
    };
    for (int i = 0; i < 3000 && !stored(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(stored()) << "the second of six passes";
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // into the third, which takes 300
    running.send(SIGINT);
    const ProgramResult stopped = running.wait();
    EXPECT_EQ(stopped.exit_code, 130);
    EXPECT_NE(stopped.err.find("2 complete passes, which are kept"), std::string::npos) << stopped.err;
    EXPECT_NE(stopped.err.find("--resume"), std::string::npos);
  }
  const std::string kept =
      project.tree.read(run_of("base", 0) + "/" +
                        fs::directory_iterator(project.tree / run_of("base", 0))->path().filename().string());
  const ProgramResult resumed = project.ktstr(delta("3", {"--resume"}));
  EXPECT_NE(resumed.err.find("4 passes in 3 blocks, order abba, seed 1, 2 taken from before"),
            std::string::npos)
      << resumed.err;
  EXPECT_EQ(parsed(resumed).at("rows").at(0).at("baseline").at("n"), 3);
  EXPECT_EQ(
      project.tree.read(run_of("base", 0) + "/" +
                        fs::directory_iterator(project.tree / run_of("base", 0))->path().filename().string()),
      kept);
  // Another seed is another plan.
  EXPECT_EQ(project.ktstr(delta("2", {"--resume", "--seed", "9"})).err.find("taken from before"),
            std::string::npos);
}

TEST_F(FreshRuns, KilledAtAnyMomentTheRepositoryIsAsItWas) {
  manifest(R"({"tests": [{"name": "alpha", "metrics_file": "numbers.json", "sleep_ms": 40}]})");
  const std::string before = git_state();
  unsigned random = 12345;
  for (int i = 0; i < 10; ++i) {
    random = random * 1103515245U + 12345U;
    RunningProgram running(project.program(delta("3")));
    std::this_thread::sleep_for(std::chrono::milliseconds(random / 65536U % 500U));
    running.send(i % 2 == 0 ? SIGKILL : SIGTERM);
    running.wait();
    ASSERT_EQ(git_state(), before) << "kill " << i;
  }
  EXPECT_NE(project.ktstr(delta("2")).exit_code, 130);
  EXPECT_TRUE(fs::is_empty(project.tree / "tmp")) << "the next run sweeps what kills left";
}

TEST_F(FreshRuns, ConfirmMeasuresSuspectsOnly) {
  const ProgramResult result = project.ktstr(delta("3", {"--confirm", "4", "--fail-threshold", "1"}));
  const json::value document = parsed(result);
  EXPECT_EQ(document.at("confirm").at("tests"), json::array{"alpha"});
  EXPECT_EQ(document.at("verdict"), "fail");
  for (const json::value& row : document.at("rows").as_array())
    EXPECT_EQ(row.at("head").at("n"), row.at("test") == "alpha" ? 4 : 3);
}

TEST_F(FreshRuns, SequentialStopsWhenItIsClear) {
  const ProgramResult result = project.ktstr(delta("10", {"--sequential", "--fail-threshold", "1"}));
  const json::value document = parsed(result);
  EXPECT_EQ(document.at("verdict"), "fail");
  EXPECT_LT(document.at("sequential").at("blocks").to_number<int>(), 10);
  EXPECT_NE(result.out.find("saved"), std::string::npos);
  expect_error(project.ktstr(delta("6", {"--sequential"})), 2, {"3, 5, 7 and 10", "--noise-adjust 10"});
}

TEST_F(FreshRuns, ReusingABaselineSaysWhyNot) {
  expect_error(project.ktstr(delta("2", {"--reuse-baseline"})), 3,
               {"there are no earlier measurements of " + good});
  project.ktstr(delta("2"));
  project.write("more.txt", "x");
  project.commit("another HEAD");
  const Arguments again{"perf-delta", "--base", good,     "--noise-adjust",  "2",
                        "--kernel",   "6.18",   "--json", "--reuse-baseline"};
  expect_error(project.ktstr(again), 3, {"how much sessions differ is not known yet"});
  Arguments deterministic = again;
  deterministic.emplace_back("--deterministic");
  expect_error(project.ktstr(deterministic), 3, {"another kernel or mode"});
}

TEST_F(FreshRuns, AReusedBaselineIsNotRunAgain) {
  project.git({"switch", "-q", "--detach", "HEAD~1"});
  project.ktstr(
      {"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18"});  // the commit as HEAD
  project.git({"switch", "-q", "main"});
  project.ktstr(delta("2"));  // and as the baseline: two sessions
  project.write("more.txt", "x");
  project.commit("another HEAD");
  const std::string before =
      project.tree.read(run_of("base", 0) + "/" +
                        fs::directory_iterator(project.tree / run_of("base", 0))->path().filename().string());
  const ProgramResult result =
      project.ktstr({"perf-delta", "--base", good, "--noise-adjust", "2", "--kernel", "6.18", "--json",
                     "--reuse-baseline", "--gate", "welch+threshold", "--fail-threshold", "1"});
  const json::value document = parsed(result);
  EXPECT_EQ(document.at("reused_baseline_runs"), 12) << result.err;
  EXPECT_EQ(result.err.find(", baseline"), std::string::npos) << result.err;
  for (const json::value& row : document.at("rows").as_array()) {
    EXPECT_EQ(row.at("baseline").at("n"), 4);
    EXPECT_EQ(row.at("head").at("n"), 2);
    if (row.at("metric") != "worst_gap_ms" || row.at("test") != "alpha") continue;
    EXPECT_EQ(row.at("outcome"), "regressed") << "a hundredfold is more than sessions differ";
  }
  EXPECT_EQ(
      project.tree.read(run_of("base", 0) + "/" +
                        fs::directory_iterator(project.tree / run_of("base", 0))->path().filename().string()),
      before);
}

TEST_F(FreshRuns, DeclaredGatesAndFailureRates) {
  project.write("outcome.txt", "passed");
  const char* declares = R"({"tests": [
    {"name": "alpha", "metrics_file": "numbers.json", "perf_delta_assertions": [{"metric": "worst_gap_ms", "max_regression_pct": 5, "min_abs": 1}]},
    {"name": "fails", "outcome_file": "outcome.txt"}]})";
  manifest(declares);
  project.write("outcome.txt", "failed");
  project.commit("breaks a test");
  const ProgramResult result = project.ktstr({"perf-delta", "--base", good, "--noise-adjust", "5", "--kernel",
                                              "6.18", "--json", "--fail-threshold", "0"});
  const json::value document = parsed(result);
  EXPECT_EQ(result.exit_code, 1) << "a declared regression fails whatever the threshold";
  EXPECT_EQ(document.at("declared_regressed"), 1);
  EXPECT_EQ(document.at("failure_rates").at(0).at("test"), "fails");
  EXPECT_EQ(document.at("failure_rates").at(0).at("outcome"), "regressed");
  EXPECT_EQ(document.at("counts").at("excluded"), 1);
}

TEST_F(FreshRuns, FlagsThatExcludeEachOther) {
  for (const auto& [flags, what] : std::initializer_list<std::pair<Arguments, std::string>>{
           {{"--policy", "p.json"}, "--policy and --noise-adjust exclude each other"},
           {{"--steps-only", "--phase", "1"}, "--steps-only and --phase"},
           {{"--no-phases", "--phases-only"}, "--no-phases and --phases-only"},
           {{"--order", "abab"}, "did you mean \"abba\"?"},
           {{"--axis", "scheduler", "1", "2", "--reuse-baseline"}, "--axis and --reuse-baseline"},
           {{"-E", "alpha and (beta"}, "expected \")\""},
           {{"-E", "=alpah"}, "did you mean \"alpha\"?"},
       }) {
    expect_error(project.ktstr(delta("2", flags)), 2, {what});
  }
  for (const char* flag : {"--resume", "--sequential", "--reuse-baseline", "--no-phases", "--steps-only"}) {
    expect_error(project.ktstr({"perf-delta", "--base", "HEAD~1", flag}), 2,
                 {std::string(flag) + " needs --noise-adjust"});
  }
}

TEST_F(FreshRuns, CalibrateReportsNoiseAndWritesAPolicy) {
  const ProgramResult result =
      project.ktstr({"calibrate", "--noise-adjust", "4", "--kernel", "6.18", "--json", "-E", "beta"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json::value document = parsed(result);
  EXPECT_EQ(document.at("false_red").at("labelings"), 16);
  EXPECT_GT(document.at("metrics").as_array().size(), 3U);
  const json::value policy = json::parse(project.tree.read("project/ktstr-policy.json"));
  EXPECT_TRUE(policy.at("per_metric_percent").is_object());
  const ProgramResult text =
      project.ktstr({"calibrate", "--noise-adjust", "4", "--kernel", "6.18", "-E", "beta", "--resume"});
  EXPECT_NE(text.out.find("false red: in "), std::string::npos) << text.out << text.err;
}

TEST_F(FreshRuns, BisectFindsThePlantedCommit) {
  project.write("numbers.json", Project::kGood);
  std::string planted;
  const std::string first = project.commit("start");
  for (int i = 1; i <= 8; ++i) {
    if (i == 6) project.write("numbers.json", Project::kBad);
    project.write("counter.txt", std::to_string(i));
    const std::string commit = project.commit("change " + std::to_string(i));
    if (i == 6) planted = project.git({"rev-parse", "HEAD"});
  }
  const fs::path runs = project.directory() / "target/ktstr";
  for (const Arguments& mode : {Arguments{"--deterministic"}, Arguments{"--noise-adjust", "3"},
                                Arguments{"--noise-adjust", "4", "--gate", "fdr"}}) {
    fs::remove_all(runs);
    Arguments all{"bisect", "--good", first, "--bad", "HEAD", "-E", "=alpha", "--kernel", "6.18", "--json"};
    all.insert(all.end(), mode.begin(), mode.end());
    const ProgramResult result = project.ktstr(all);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(parsed(result).at("first_bad").as_string(), planted);
    std::map<std::string, std::string> plan_of;
    for (const auto& file : fs::recursive_directory_iterator(runs / ".sessions")) {
      if (!file.path().filename().string().ends_with(".ktstr.json")) continue;
      plan_of[file.path().parent_path().filename().string()] =
          json::parse(project.tree.read(file.path())).at("perf_delta").at("plan").as_string();
    }
    const std::string last = project.git({"rev-parse", "--short=7", "HEAD"});
    for (std::size_t i = 0; i < (mode.size() == 1 ? 5U : mode.size() == 2 ? 3U : 4U); ++i) {
      EXPECT_EQ(plan_of["base-" + first + "-" + std::to_string(i)],
                plan_of["head-" + last + "-" + std::to_string(i)])
          << "the good commit runs beside the bad one and never again";
    }
  }
  const ProgramResult text =
      project.ktstr({"bisect", "--good", first, "--bad", "HEAD", "-E", "=alpha", "--kernel", "6.18",
                     "--deterministic", "--resume", "--metric", "worst_gap_ms"});
  EXPECT_NE(text.out.find("first bad commit: " + planted + " change 6"), std::string::npos)
      << text.out << text.err;
  EXPECT_NE(text.err.find("block"), 0U);
  const ProgramResult equal =
      project.ktstr({"bisect", "--good", first, "--bad", first + "~0", "-E", "alpha", "--kernel", "6.18"});
  EXPECT_EQ(equal.exit_code, 2) << equal.err;
  project.write("ktstr.json", R"({"runner": "fake", "build": "test -e counter.txt"})");
  project.commit("a build that fails at the start");
  project.git({"rm", "-q", "counter.txt"});
  const std::string broken = project.commit("does not build");
  project.write("counter.txt", "");
  project.commit("builds");
  expect_error(
      project.ktstr({"bisect", "--good", broken, "--bad", "HEAD", "-E", "alpha", "--kernel", "6.18"}), 3,
      {"the build of good " + broken + " failed", "run it yourself"});
  expect_error(project.ktstr({"bisect", "--good", first, "--bad", broken, "-E", "alpha", "--kernel", "6.18"}),
               3, {"the build of bad " + broken + " failed", "run it yourself"});
  expect_error(project.ktstr({"bisect", "--good", "HEAD", "--bad", first, "-E", "alpha", "--kernel", "6.18"}),
               3, {"not among the first parents"});
  expect_error(project.ktstr({"bisect", "--good", first, "--bad", "HEAD", "-E", "alpha", "--kernel", "6.18",
                              "--metric", "worst_gap"}),
               2, {"did you mean \"worst_gap_ms\""});
}

json::value row_of(const json::value& document, std::string_view test, std::string_view metric) {
  for (const json::value& row : document.at("rows").as_array()) {
    if (row.at("test").as_string() == test && row.at("metric").as_string() == metric) return row;
  }
  ADD_FAILURE() << "no row of " << std::string(metric);
  return nullptr;
}

TEST_F(FreshRuns, TheGateFdrKnowsTheNoiseOfEarlierSessions) {
  manifest(
      R"({"tests": [{"name": "noisy", "jitter": 0.02, "independent": true, "metrics": {"worst_mean_run_delay_us": 5000}}]})");
  const Arguments fdr{"--gate", "fdr"};
  const auto degrees = [&](const json::value& document) {
    return row_of(document, "noisy", "worst_mean_run_delay_us")
        .at("opinions")
        .at(0)
        .at("df")
        .to_number<double>();
  };
  // Only one metric varies, so it cannot borrow from the others.
  EXPECT_EQ(degrees(parsed(project.ktstr(delta("3", fdr)))), 2) << "three pairs by themselves";
  bad = project.commit("a third commit");
  EXPECT_EQ(degrees(parsed(project.ktstr(delta("3", fdr)))), 4)
      << "and the two degrees of freedom of the pairs before";
}

TEST_F(FreshRuns, WhatTooFewRunsCannotShowIsCountedAndIsNoVerdict) {
  manifest(
      R"({"tests": [{"name": "wild", "jitter": 0.5, "independent": true, "metrics": {"worst_mean_run_delay_us": 5000}}]})");
  const ProgramResult some = project.ktstr(delta("3", {"--gate", "fdr", "--seed", "5"}));
  const json::value document = parsed(some);
  EXPECT_EQ(row_of(document, "wild", "worst_mean_run_delay_us").at("outcome"), "inconclusive");
  EXPECT_EQ(some.exit_code, 0) << "the other metrics were judged";
  EXPECT_EQ(document.at("counts").at("inconclusive"), 1);
  EXPECT_EQ(document.at("counts").at("underpowered"), 1);
  EXPECT_EQ(document.at("sight").at("blind"), 2)
      << "4 migrations in every run: three runs cannot show 6, the gate's size";
  const ProgramResult table = project.ktstr({"perf-delta", "--base", "HEAD~1", "--noise-adjust", "3",
                                             "--kernel", "6.18", "--gate", "fdr", "--seed", "5", "--resume"});
  EXPECT_EQ(table.out.find("inconclusive  wild"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("sight: 2 of "), std::string::npos) << table.out;
}

TEST_F(FreshRuns, LooksEarlyAtOneSidedChances) {
  const ProgramResult result =
      project.ktstr(delta("10", {"--sequential", "--gate", "fdr", "--fail-threshold", "1", "-E", "=alpha"}));
  const json::value document = parsed(result);
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_LT(document.at("sequential").at("blocks").to_number<int>(), 10)
      << "a drop by 70 % needs no ten runs";
  const json::value row = row_of(document, "alpha", "total_iterations");
  EXPECT_EQ(row.at("outcome"), "regressed");
  EXPECT_LE(row.at("q_value").to_number<double>(), 0.0069);
}

TEST_F(FreshRuns, AnAxisComparesTwoKernelsOfOneCommit) {
  // Which numbers a run gives lies in a file that git ignores: the commit is the same.
  project.write("tests/all.json", R"({"tests": [{"name": "alpha", "metrics_file": "built.txt"}]})");
  project.commit("axis");
  project.tree.write("older", fake_bzimage("6.17.1 (a@b) #1 SMP"));
  ASSERT_EQ(project.ktstr({"kernel", "add", (project.tree / "older").string(), "--name", "6.17.1"}).exit_code,
            0);
  project.write("built.txt", Project::kGood);
  ASSERT_EQ(project.ktstr({"test", "--kernel", "6.17"}).exit_code, 0);
  project.write("built.txt", Project::kBad);
  ASSERT_EQ(project.ktstr({"test", "--kernel", "6.18"}).exit_code, 0);
  const auto along = [&](const std::string& a, const std::string& b) {
    return project.ktstr({"perf-delta", "--axis", "kernel", a, b, "--fail-threshold", "2", "--json"});
  };
  const ProgramResult worse = along("6.17.1", "6.18.2");
  EXPECT_EQ(worse.exit_code, 1) << worse.err;
  EXPECT_EQ(parsed(worse).at("axis"), "kernel");
  EXPECT_EQ(parsed(worse).at("counts").at("regressed"), 2);
  EXPECT_EQ(row_of(parsed(worse), "alpha", "total_iterations").at("kernel"), "6.17.1 -> 6.18.2");
  const ProgramResult better = along("6.18.2", "6.17.1");
  EXPECT_EQ(better.exit_code, 0) << better.err;
  EXPECT_EQ(parsed(better).at("counts").at("improved"), 2);
}

TEST_F(FreshRuns, AnAxisComparesStoredSidecarsOfOneCommit) {
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha", "topology": "1n1l2c1t", "metrics": {"worst_gap_ms": 20}}]})");
  project.commit("axis");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  expect_error(project.ktstr({"perf-delta", "--axis", "topology", "1n1l2c1t", "1n1l2c2t"}), 3,
               {"has the topology \"1n1l2c2t\"", "did you mean \"1n1l2c1t\"?"});
  expect_error(project.ktstr({"perf-delta", "--axis", "kernle", "a", "b"}), 2, {"did you mean \"kernel\"?"});
  expect_error(project.ktstr({"perf-delta", "--axis", "kernel", "a", "a"}), 2, {"both values"});
}

}  // namespace
}  // namespace ktstr::testing
