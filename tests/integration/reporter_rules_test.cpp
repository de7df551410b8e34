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

TEST_F(ReporterRules, TablesOfStoredRunsGoWhereAFlagSays) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const std::string run =
      parsed(project.ktstr({"stats", "list", "--json"})).at("runs").at(0).at("run").as_string().c_str();
  for (const Arguments& words : std::vector<Arguments>{{"stats"},
                                                       {"stats", "list"},
                                                       {"stats", "list-values"},
                                                       {"stats", "list-metrics"},
                                                       {"stats", "show-host", "--run", run},
                                                       {"stats", "show-host", "--run", run, "--against", run},
                                                       {"stats", "explain-sidecar", "--run", run}}) {
    const std::string text = project.ktstr(words).out;
    Arguments chosen = words;
    chosen.insert(chosen.end(), {"--reporter", "terminal", "--reporter", "markdown::out=x.md", "--reporter",
                                 "html::out=x.html"});
    EXPECT_EQ(project.ktstr(chosen).out, text) << words.back();
    EXPECT_NE(project.tree.read("project/x.md").find(text.substr(0, text.find('\n'))), std::string::npos)
        << words.back();
    EXPECT_EQ(project.tree.read("project/x.html").find("<!DOCTYPE html>"), 0U);
    chosen = words;
    chosen.insert(chosen.end(), {"--json", "--reporter", "markdown::out=y.md"});
    EXPECT_TRUE(parsed(project.ktstr(chosen)).is_object()) << words.back();
    EXPECT_EQ(project.tree.read("project/y.md"), project.tree.read("project/x.md"));
    chosen = words;
    chosen.insert(chosen.end(), {"--reporter", "markdown::out=y.md"});
    EXPECT_EQ(project.ktstr(chosen).out, "") << "who chooses reporters gets no other";
  }
}

TEST_F(ReporterRules, AFlagsReporterMustSpeakTheDocument) {
  project.commit("second");
  const Arguments bisect{"bisect", "alpha", "--good", "HEAD~1", "--bad", "HEAD", "--kernel", "6.18"},
      calibrate{"calibrate", "--noise-adjust", "2", "--kernel", "6.18", "-E", "=alpha"};
  for (Arguments words : {bisect, calibrate, Arguments{"stats"}, Arguments{"stats", "list"}}) {
    words.insert(words.end(), {"--reporter", "junit::out=x.xml"});
    const ProgramResult result = project.ktstr(words);
    expect_error(result, 2, {"the reporter \"junit\" does not speak this command's document"});
    EXPECT_EQ(result.err.find("plan "), std::string::npos) << "nothing is measured\n" << result.err;
  }
}

TEST_F(ReporterRules, SearchesAndCalibrationsGoWhereAFlagSays) {
  project.write("tests/all.json", R"({"tests": [{"name": "alpha", "metrics_file": "numbers.json"}]})");
  project.commit("what is measured");
  project.write("numbers.json", Project::kBad);
  project.commit("worse");
  const ProgramResult bisect = project.ktstr(
      {"bisect", "alpha", "--good", "HEAD~1", "--bad", "HEAD", "--kernel", "6.18", "--noise-adjust", "2",
       "--deterministic", "--reporter", "terminal", "--reporter", "markdown::out=bisect.md"});
  EXPECT_EQ(bisect.exit_code, 0) << bisect.err;
  EXPECT_EQ(project.tree.read("project/bisect.md").find("### ktstr bisect\n\n```text\n"), 0U) << bisect.err;
  const ProgramResult calibrate =
      project.ktstr({"calibrate", "--noise-adjust", "2", "--kernel", "6.18", "-E", "=alpha", "--reporter",
                     "terminal", "--reporter", "html::out=calibrate.html"});
  EXPECT_NE(calibrate.out.find("NOISE: one standard deviation"), std::string::npos) << calibrate.err;
  EXPECT_NE(project.tree.read("project/calibrate.html").find("<h1>ktstr calibrate"), std::string::npos);
}

}  // namespace
}  // namespace ktstr::testing
