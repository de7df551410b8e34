// SPDX-License-Identifier: Apache-2.0
//
// What stays when tests run again, where sessions of repeated runs lie, and looking after all of it.
#include <signal.h>

#include <set>
#include <thread>

#include "integration/project.hpp"

namespace ktstr::testing {
namespace {

class KeptRuns : public ::testing::Test {
 protected:
  Project project;
  const fs::path runs = project.directory() / "target/ktstr";

  /// Tests that have a sidecar in the only run.
  std::set<std::string> tests() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(runs)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".ktstr.json")) names.insert(name.substr(0, name.rfind('-')));
    }
    return names;
  }
  std::string only_run() const {
    for (const auto& entry : fs::directory_iterator(runs)) {
      if (entry.path().filename().string().front() != '.') return entry.path().filename().string();
    }
    return "none";
  }
  json::value listed() const { return parsed(project.ktstr({"runs", "list", "--json"})).at("entries"); }
  Arguments delta(const Arguments& more = {}) const {
    Arguments all{"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2",
                  "--kernel",   "6.18",   "-E",     "=alpha"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

const std::set<std::string> kAll{"alpha", "beta", "plain"};

TEST_F(KeptRuns, APartOfTheTestsReplacesThatPartWhileNothingElseChanged) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const ProgramResult part = project.ktstr({"test", "beta"});
  EXPECT_EQ(tests(), kAll);
  EXPECT_EQ(part.err.find("cleared"), std::string::npos) << part.err;

  project.write("numbers.json", Project::kBad);  // another run key, -dirty
  ASSERT_EQ(project.ktstr({"test", "alpha"}).exit_code, 0);
  const ProgramResult again = project.ktstr({"test", "beta"});
  EXPECT_EQ(again.err.find("cleared"), std::string::npos) << "the same changes: " << again.err;
  project.write("numbers.json", R"({"worst_gap_ms": 21})");
  const ProgramResult other = project.ktstr({"test", "plain"});
  EXPECT_NE(other.err.find("2 earlier results were cleared: from another kernel image, tree or set of tests"),
            std::string::npos)
      << other.err;
}

TEST_F(KeptRuns, AnotherImageUnderTheSameNameClears) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.tree.write("other", fake_bzimage("6.18.2 (a@b) #2 SMP"));
  ASSERT_EQ(project.ktstr({"kernel", "add", (project.tree / "other").string()}).exit_code, 0);
  const ProgramResult part = project.ktstr({"test", "beta"});
  EXPECT_EQ(tests(), std::set<std::string>{"beta"}) << part.err;
  EXPECT_NE(part.err.find("3 earlier results were cleared"), std::string::npos) << part.err;
}

TEST_F(KeptRuns, AnInterruptedRunKeepsWhatItDidNotRunAgain) {
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha"}, {"name": "beta", "sleep_ms": 2000}, {"name": "gamma"}]})");
  project.commit("slow");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  RunningProgram run(project.program({"test", "--reporter", "terminal"}));
  run.wait_for_text("alpha");
  run.send(SIGINT);
  EXPECT_EQ(run.wait().exit_code, 130);
  EXPECT_EQ(tests(), (std::set<std::string>{"alpha", "beta", "gamma"}));
}

TEST_F(KeptRuns, ShardsSideBySide) {
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "a1", "sleep_ms": 200}, {"name": "a2", "sleep_ms": 200}, {"name": "b1", "sleep_ms": 200}, {"name": "b2", "sleep_ms": 200}]})");
  project.commit("shards");
  RunningProgram one(project.program({"test", "a1", "a2"})), two(project.program({"test", "b1", "b2"}));
  EXPECT_EQ(one.wait().exit_code, 0);
  EXPECT_EQ(two.wait().exit_code, 0);
  EXPECT_EQ(tests(), (std::set<std::string>{"a1", "a2", "b1", "b2"}));
  const json::value shown = parsed(project.ktstr({"runs", "show", only_run(), "--json"}));
  EXPECT_FALSE(shown.at("unfinished").as_bool());
  for (const json::value& test : shown.at("manifest").at("tests").as_array())
    EXPECT_EQ(test.at("outcome"), "passed") << test;
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0);
  std::size_t manifests = 0;
  for (const auto& entry : fs::directory_iterator(runs / only_run()))
    manifests += entry.path().filename().string().ends_with(".run-manifest.json") ? 1 : 0;
  EXPECT_EQ(manifests, 1U) << "a run of everything supersedes those of the shards";
}

TEST_F(KeptRuns, ATestThatCouldNotRunKeepsTheResultOfTheSameInputs) {
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha"}, {"name": "beta", "outcome_file": "outcome.txt"}]})");
  project.commit("two tests");
  project.write("outcome.txt", "passed");  // untracked, as what a build makes
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.write("outcome.txt", "error");
  const ProgramResult again = project.ktstr({"test"});
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_EQ(tests(), (std::set<std::string>{"alpha", "beta"}));
  EXPECT_EQ(again.err.find("cleared"), std::string::npos) << again.err;
}

TEST_F(KeptRuns, AKilledSessionIsMarkedUntilItIsResumed) {
  project.write("tests/all.json", R"({"tests": [{"name": "alpha", "sleep_ms": 300}]})");
  project.commit("slow");
  project.commit("again");
  RunningProgram killed(project.program(delta()));
  const auto session = [&]() -> json::value {
    const json::value all = listed();
    for (const json::value& entry : all.as_array()) {
      if (entry.at("kind").as_string() == "session") return entry;
    }
    return nullptr;
  };
  for (int i = 0; i < 200 && (session().is_null() || session().at("tests").to_number<int>() == 0); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  killed.send(SIGKILL);
  killed.wait();
  ASSERT_FALSE(session().is_null());
  EXPECT_TRUE(session().at("unfinished").as_bool()) << session();
  const std::string key(session().at("key").as_string());
  EXPECT_TRUE(parsed(project.ktstr({"runs", "show", key, "--json"})).at("unfinished").as_bool());
  EXPECT_NE(project.ktstr({"runs", "list"}).out.find("unfinished"), std::string::npos);
  const ProgramResult resumed = project.ktstr(delta({"--resume"}));
  EXPECT_NE(resumed.exit_code, 3) << resumed.err;
  EXPECT_FALSE(session().at("unfinished").as_bool()) << session();
}

TEST_F(KeptRuns, SessionsOfRepeatedRunsAreNoRunsAndNeverMeet) {
  project.commit("second");
  ASSERT_EQ(project.ktstr(delta()).exit_code, 0);
  ASSERT_EQ(project.ktstr(delta()).exit_code, 0);
  EXPECT_EQ(parsed(project.ktstr({"stats", "list", "--json"})).at("runs").as_array().size(), 0U);
  const json::value all = listed();
  ASSERT_EQ(all.as_array().size(), 2U);
  for (const json::value& entry : all.as_array()) {
    EXPECT_EQ(entry.at("kind"), "session");
    EXPECT_EQ(entry.at("tests"), 4);
  }
  const std::string key(all.at(0).at("key").as_string());
  const json::value shown = parsed(project.ktstr({"runs", "show", key, "--json"}));
  EXPECT_EQ(shown.at("report").at("verdict"), "pass");
  EXPECT_EQ(project.ktstr({"stats", "explain-sidecar", "--run", key}).exit_code, 0);

  const ProgramResult typo = project.ktstr({"runs", "rm", key + "0"});
  expect_error(typo, 2, {"there is no", "did you mean \"" + key + "\"?"});
  EXPECT_EQ(project.ktstr({"runs", "rm", key}).exit_code, 0);
  EXPECT_EQ(listed().as_array().size(), 1U);
  EXPECT_EQ(parsed(project.ktstr({"runs", "prune", "--keep", "0", "--only", "sessions", "--json"}))
                .at("entries")
                .as_array()
                .size(),
            1U);
  EXPECT_EQ(listed().as_array().size(), 0U);
}

TEST_F(KeptRuns, OldSessionsGoByThemselvesAndThatIsTold) {
  project.write(
      "ktstr.json",
      R"({"project": "demo", "runner": "fake", "store": {"use": "fs", "options": {"sessions": {"keep": 2}}}})");
  project.commit("second");
  std::string told;
  for (int i = 0; i < 4; ++i) told += project.ktstr(delta()).err;
  EXPECT_EQ(listed().as_array().size(), 2U);
  EXPECT_NE(told.find("removed 1 old session of repeated runs"), std::string::npos) << told;
}

TEST_F(KeptRuns, TheLastReportIsPrintedAgain) {
  expect_error(project.ktstr({"perf-delta", "--last"}), 3, {"there is no report yet"});
  project.two_commits();
  const fs::path aside = project.directory() / "runs-put-aside";
  fs::rename(runs, aside);
  EXPECT_EQ(project.ktstr({"perf-delta", "--base", "HEAD~1"}).exit_code, 0);  // there is nothing to compare
  expect_error(project.ktstr({"perf-delta", "--last"}), 3, {"there is no report yet"});
  fs::remove_all(runs);
  fs::rename(aside, runs);
  for (const Arguments& how : {Arguments{"perf-delta", "--base", "HEAD~1", "--json"},
                               delta({"--json", "--gate", "welch+threshold", "--fail-threshold", "1"})}) {
    const ProgramResult first = project.ktstr(how);
    const ProgramResult again = project.ktstr({"perf-delta", "--last", "--json"});
    EXPECT_EQ(again.exit_code, first.exit_code);
    EXPECT_EQ(again.out, first.out);
    EXPECT_NE(again.err.find("the report of 2"), std::string::npos) << again.err;
  }
  const ProgramResult text = project.ktstr({"perf-delta", "--last"});
  EXPECT_NE(text.out.find("worst_gap_ms"), std::string::npos) << text.out << text.err;
  expect_error(project.ktstr({"perf-delta", "--last", "--base", "HEAD~1"}), 2,
               {"--last and --base exclude each other"});
  for (const auto& entry : fs::recursive_directory_iterator(runs / ".sessions")) {
    if (entry.path().filename().string().ends_with(".report.json"))
      std::ofstream(entry.path(), std::ios::trunc) << "{\"schema_version\": 1, \"begin\": {";
  }
  const ProgramResult torn = project.ktstr({"perf-delta", "--last"});
  EXPECT_EQ(torn.exit_code, 4) << torn.err;
  EXPECT_NE(torn.err.find("perf-delta.report.json: line 1"), std::string::npos) << torn.err;
}

TEST_F(KeptRuns, RunsAreShownAndRemoved) {
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "alpha"}, {"name": "broken", "outcome": "error", "message": "no QEMU"}]})");
  project.commit("second");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 3);
  const std::string run = only_run();
  const ProgramResult shown = project.ktstr({"runs", "show", run});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_NE(shown.out.find("no QEMU"), std::string::npos) << shown.out;
  EXPECT_NE(project.ktstr({"runs", "list"}).out.find(run), std::string::npos);
  EXPECT_EQ(project.ktstr({"runs", "rm", run}).exit_code, 0);
  EXPECT_FALSE(fs::exists(runs / run));
  EXPECT_EQ(listed().as_array().size(), 0U);
}

}  // namespace
}  // namespace ktstr::testing
