// SPDX-License-Identifier: Apache-2.0
//
// What reporters are told: the tests that are going to run, what a row means for the verdict, and an end for
// every beginning.
#include <csignal>

#include "integration/project.hpp"

namespace ktstr::testing {
namespace {

class ReporterRules : public ::testing::Test {
 protected:
  ReporterRules() {
    install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "recording", project.tree / "data/ktstr/plugins/v1");
  }
  std::string line_of(const std::string& out, const std::string& start) const {
    const std::size_t at = out.find(start);
    return at == std::string::npos ? "" : out.substr(at, out.find('\n', at) - at);
  }
  Project project;
};

TEST_F(ReporterRules, TestsAreKnownBeforeTheyRun) {
  const ProgramResult result = project.ktstr({"test", "--reporter", "recording"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(line_of(result.out, "begin"), "begin 1 alpha beta plain");
  EXPECT_EQ(line_of(result.out, "end"), "end 0 0 ");
}

TEST_F(ReporterRules, AnInterruptedRunHasAnEnd) {
  project.write("tests/all.json", R"({"tests": [{"name": "at_once"}, {"name": "b", "sleep_ms": 60000}]})");
  RunningProgram run(project.program({"test", "--reporter", "recording"}));
  ASSERT_TRUE(run.wait_for_text("row at_once"));
  run.send(SIGINT);
  const ProgramResult result = run.wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(line_of(result.out, "end"), "end 2 130 ");
}

TEST_F(ReporterRules, RowsSayWhatTheyMeanForTheVerdict) {
  project.two_commits();
  const ProgramResult result = project.ktstr({"perf-delta", "--base", "HEAD~1", "--all-metrics",
                                              "--must-fail", "worst_gap_ms", "--reporter", "recording"});
  EXPECT_EQ(line_of(result.out, "begin"), "begin 2");
  EXPECT_EQ(line_of(result.out, "row worst_gap_ms"), "row worst_gap_ms 9") << "counts, must fail";
  EXPECT_NE(result.out.find(" 2\n"), std::string::npos) << "informational\n" << result.out;
  EXPECT_EQ(line_of(result.out, "end"), "end 0 1 ");
}

TEST_F(ReporterRules, StatisticsAreADocument) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "reporters": ["recording"]})");
  const ProgramResult result = project.ktstr({"stats"});
  EXPECT_EQ(result.out, "begin 16\nend 0 0 {\n") << result.err;
  // Whoever does not speak it is left out, and the text goes to stdout as ever.
  project.write("ktstr.json",
                R"({"project": "demo", "runner": "fake", "reporters": [{"use": "json", "out": "x.json"}]})");
  EXPECT_NE(project.ktstr({"stats"}).out, "");
  EXPECT_TRUE(json::parse(project.tree.read("project/x.json")).is_object());
}

}  // namespace
}  // namespace ktstr::testing
