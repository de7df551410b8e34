// SPDX-License-Identifier: Apache-2.0
//
// `ktstr perf-delta --noise-adjust`: both sides are built in private checkouts, and the user's repository is
// left alone.
#include <signal.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

/// Everything git could show about the repository, and the bytes of its index.
std::string state_of(const Project& project) {
  std::string state;
  for (const Arguments& command : {Arguments{"for-each-ref"},
                                   {"status", "--porcelain=v2", "--branch"},
                                   {"worktree", "list"},
                                   {"stash", "list"},
                                   {"reflog"},
                                   {"config", "--list", "--local"}}) {
    state += project.git(command) + "\n--\n";
  }
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / ".git"))
    files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) state += file + "\n";
  return state + project.tree.read("project/.git/index");
}

class NoiseAdjust : public ::testing::Test {
 protected:
  NoiseAdjust() {
    project.write(
        "ktstr.json",
        R"({"project": "demo", "runner": "fake", "build": "pwd >>\"$HOME/builds\" && cp source.json numbers.json"})");
    project.write(
        "tests/all.json",
        R"({"tests": [{"name": "alpha", "metrics_file": "numbers.json", "jitter": 0.01}, {"name": "plain", "performance_mode": false}]})");
    project.write("numbers.json", R"({"worst_gap_ms": 1})");  // what a run without the build would report
    project.write("source.json", Project::kGood);
    project.commit("with a build");
    project.write("source.json", Project::kBad);
    project.commit("worse");
  }
  Project project;
  Arguments arguments{"perf-delta", "--base", "HEAD~1", "--noise-adjust",  "3",
                      "--kernel",   "6.18",   "--gate", "welch+threshold", "--json"};
};

TEST_F(NoiseAdjust, MeasuresBothSidesAndTouchesNothing) {
  const std::string before = state_of(project);
  const ProgramResult result = project.ktstr(arguments);
  EXPECT_EQ(state_of(project), before) << "the user's repository changed";
  const json::value document = parsed(result);
  EXPECT_EQ(document.at("mode"), "repeated");
  EXPECT_EQ(document.at("gates"), (json::array{"welch", "threshold"}));
  EXPECT_EQ(document.at("counts").at("regressed"), 2) << result.out;
  const json::value& row = document.at("rows").at(0);
  EXPECT_EQ(row.at("baseline").at("n"), 3);
  EXPECT_EQ(row.at("head").at("values").as_array().size(), 3U);
  EXPECT_LT(row.at("p_value").as_double(), 0.001);
  EXPECT_NEAR(row.at("baseline").at("mean").as_double(), 20, 1) << "each side was built from its own files";
  EXPECT_NEAR(row.at("head").at("mean").as_double(), 2000, 100);

  std::istringstream builds(project.tree.read("home/builds"));
  std::vector<std::string> places;
  for (std::string line; std::getline(builds, line);) places.push_back(line);
  ASSERT_EQ(places.size(), 2U) << "each side is built once";
  EXPECT_EQ(places[0], places[1]) << "at one path, which programs may contain";
  EXPECT_NE(places[0], project.directory().string());
  EXPECT_EQ(project.tree.read("project/numbers.json"), R"({"worst_gap_ms": 1})")
      << "the user's own files were built upon";
  EXPECT_TRUE(fs::is_empty(project.tree / "tmp")) << "a checkout was left behind";
}

/// A build whose program knows where it was built, where a variable sends its results and what day it is.
class BuildPlace : public NoiseAdjust {
 protected:
  BuildPlace() {
    project.write(
        "ktstr.json",
        R"({"project": "demo", "runner": "fake", "build": "(pwd; echo $CARGO_TARGET_DIR; echo $DESTDIR; echo $SOURCE_DATE_EPOCH) >program; cat program >>$HOME/builds"})");
    manifest("program");
    project.commit("knows its place");
    project.write("README", "more");
    project.commit("a text");
  }
  void manifest(const std::string& program) const {
    project.write("tests/all.json", R"({"tests": [{"name": "alpha", "scheduler": "scx_demo", "program": ")" +
                                        program + R"("}]})");
  }
  std::set<std::string> places() const {
    std::istringstream builds(project.tree.read("home/builds"));
    std::set<std::string> found;
    for (std::string line; std::getline(builds, line);) {
      if (line.starts_with("/")) found.insert(line);
    }
    return found;
  }
};

TEST_F(BuildPlace, IsTheSameForBothSidesAndForEverySession) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(project.ktstr(arguments).exit_code, 0);
  EXPECT_EQ(places().size(), 1U);
  EXPECT_TRUE(fs::is_empty(project.tree / "tmp"));
}

TEST_F(BuildPlace, IsAnotherWhileASessionHoldsItAndIsSweptAfterAKill) {
  project.write("tests/all.json", R"({"tests": [{"name": "alpha", "sleep_ms": 60000}]})");
  project.commit("slow");
  RunningProgram running(
      project.program({"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18"}));
  ASSERT_TRUE(running.wait_for_text("4 passes in 2 blocks"));
  manifest("program");
  project.commit("quick again");
  Arguments quick = arguments;
  quick[2] = "HEAD~2";
  const ProgramResult beside = project.ktstr(quick);
  EXPECT_EQ(beside.exit_code, 0) << beside.err;
  EXPECT_NE(beside.err.find("another session has"), std::string::npos) << beside.err;
  EXPECT_EQ(places().size(), 2U);
  running.send(SIGKILL);
  running.wait();
  EXPECT_FALSE(fs::is_empty(project.tree / "tmp"));
  const ProgramResult after = project.ktstr(quick);
  EXPECT_EQ(after.err.find("another session has"), std::string::npos) << after.err;
  EXPECT_EQ(places().size(), 2U);
  EXPECT_TRUE(fs::is_empty(project.tree / "tmp"));
}

TEST_F(BuildPlace, VariablesDoNotLeadOutOfIt) {
  const std::string shared = project.tree.directory("shared").string();
  const ProgramResult result = project.ktstr(arguments, {{"CARGO_TARGET_DIR", shared}, {"DESTDIR", shared}});
  EXPECT_NE(result.err.find("CARGO_TARGET_DIR=" + shared + ", DESTDIR=" + shared), std::string::npos)
      << result.err;
  const std::string builds = project.tree.read("home/builds");
  EXPECT_EQ(builds.find(shared), std::string::npos) << builds;
  EXPECT_NE(builds.find("/target\n"), std::string::npos) << builds;
  ASSERT_EQ(places().size(), 2U) << "the place, and the target directory in it";
}

TEST_F(BuildPlace, VariablesThatStayInsideAreKept) {
  const ProgramResult result = project.ktstr(arguments, {{"CARGO_TARGET_DIR", "out/cargo"}});
  EXPECT_EQ(result.err.find("CARGO_TARGET_DIR"), std::string::npos) << result.err;
  EXPECT_NE(project.tree.read("home/builds").find("\nout/cargo\n"), std::string::npos);
}

TEST_F(BuildPlace, AProgramOutsideOfItIsNamed) {
  const std::string stale = project.tree.write("stale/scx_demo", "x").string();
  manifest(stale);
  project.commit("a fixed program");
  const ProgramResult result = project.ktstr(arguments);
  EXPECT_NE(result.out.find(stale + " lies outside of the checkouts"), std::string::npos)
      << result.out << result.err;
}

TEST_F(BuildPlace, EqualFilesThatGiveOtherProgramsAreToldAbout) {
  project.commit("nothing");
  EXPECT_EQ(project.ktstr(arguments).out.find("not reproducible"), std::string::npos);
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "build": "date +%N >program"})");
  project.commit("what time is it");
  project.commit("nothing");
  const ProgramResult result = project.ktstr(arguments);
  EXPECT_NE(result.out.find("different programs of the scheduler scx_demo"), std::string::npos)
      << result.out << result.err;
}

TEST_F(NoiseAdjust, UncommittedChangesAreMeasuredWhereTheyAre) {
  project.write("source.json", Project::kGood);
  const std::string before = state_of(project);
  const json::value document =
      parsed(project.ktstr({"perf-delta", "--base", "HEAD", "--noise-adjust", "3", "--kernel", "6.18",
                            "--gate", "welch+threshold", "--json"}));
  EXPECT_EQ(state_of(project), before);
  EXPECT_EQ(document.at("counts").at("improved"), 2);
  EXPECT_TRUE(document.at("head").at("label").as_string().ends_with("-dirty"));
}

TEST_F(NoiseAdjust, BrokenBuildsAreNamed) {
  project.write("ktstr.json", R"({"runner": "fake", "build": "echo no compiler; exit 9"})");
  project.commit("broken");
  const ProgramResult result = project.ktstr(arguments);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("the build of HEAD"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("no compiler"), std::string::npos) << result.err;
  const std::string label = project.git({"rev-parse", "--short=7", "HEAD"});
  EXPECT_NE(result.err.find("git worktree add ../project-" + label + " " + label + " && cd ../project-" +
                            label + " && echo no compiler"),
            std::string::npos)
      << "a place that is still there: " << result.err;
  EXPECT_TRUE(fs::is_empty(project.tree / "tmp"));
}

TEST_F(NoiseAdjust, InterruptedLeavesNothingBehind) {
  project.write("tests/all.json", R"({"tests": [{"name": "alpha", "sleep_ms": 60000}]})");
  project.commit("slow");
  const std::string before = state_of(project);
  RunningProgram running(
      project.program({"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18"}));
  ASSERT_TRUE(running.wait_for_text("4 passes in 2 blocks"));
  running.send(SIGINT);
  const ProgramResult result = running.wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_EQ(state_of(project), before);
  EXPECT_TRUE(fs::is_empty(project.tree / "tmp"));
}

TEST_F(NoiseAdjust, FlagsThatDoNotFit) {
  const auto refused = [&](const Arguments& more, const std::string& what) {
    Arguments all{"perf-delta", "--base", "HEAD~1"};
    all.insert(all.end(), more.begin(), more.end());
    expect_error(project.ktstr(all), 2, {what});
  };
  refused({"--noise-adjust", "1", "--kernel", "6.18"}, "at least 2 runs a side");
  refused({"--noise-adjust", "3"}, "--noise-adjust needs --kernel");
  refused({"--noise-adjust", "3", "--kernel", "6.18", "--threshold", "5"}, "exclude each other");
  refused({"--deterministic"}, "--deterministic needs --noise-adjust");
  refused({"--cold"}, "--cold needs --noise-adjust");
}

}  // namespace
}  // namespace ktstr::testing
