// SPDX-License-Identifier: Apache-2.0
//
// `ktstr show RUN [TEST]`: any stored test told again, and the line that runs it again.
#include "project.hpp"

namespace ktstr::testing {
namespace {

class Show : public ::testing::Test {
 protected:
  Show() {
    project.write("tests/all.json", R"x({"tests": [
      {"name": "good", "metrics": {"worst_gap_ms": 12, "total_iterations": 1000}},
      {"name": "bad", "outcome": "failed", "message": "stuck for 2 s\nmore of it", "scheduler": "it's(mine)"},
      {"name": "unrun", "outcome": "error", "message": "no QEMU"}]})x");
    label = project.commit("three tests");
    EXPECT_EQ(project.ktstr({"test", "--seed", "7"}).exit_code, 3) << "one could not be run";
    run = "6.18.2-" + label;
  }
  Project project;
  std::string label, run;
};

TEST_F(Show, TellsATestAgain) {
  for (const Arguments& command : {Arguments{"show"}, {"runs", "show"}}) {
    Arguments arguments = command;
    arguments.insert(arguments.end(), {run, "good"});
    const ProgramResult good = project.ktstr(arguments);
    EXPECT_EQ(good.exit_code, 0) << good.err;
    std::string text = std::regex_replace(project.stable(good.out), std::regex(label), "COMMIT");
    text = std::regex_replace(text, std::regex("20[0-9-]+T[0-9:]+Z"), "TIME");
    EXPECT_TRUE(matches_golden("integration/show-test.txt", text));
  }
  EXPECT_NE(project.ktstr({"show", run}).out.find("TEST"), std::string::npos) << "without a test, the run";
}

TEST_F(Show, TellsWhatFailedAndTheLineThatRunsItAgain) {
  const json::value rows = parsed(project.ktstr({"show", run, "bad", "--json"})).at("tests");
  ASSERT_EQ(rows.as_array().size(), 1U);
  const json::value& bad = rows.at(0);
  EXPECT_EQ(bad.at("outcome"), "failed");
  EXPECT_EQ(bad.at("failure_dump").at("stage"), "done");
  EXPECT_EQ(bad.at("failure_dump").at("console_tail"), "fake\n");
  EXPECT_EQ(bad.at("files").as_array().size(), 2U);
  const std::string again(bad.at("again").as_string());
  EXPECT_EQ(again,
            R"(ktstr test --kernel 6.18.2 -E 'test(=bad) & topology(=1n1l2c1t) & scheduler(=it'\''s(mine\))')"
            " --seed 7");
  Program shell = project.program({});
  shell.argv = {"sh", "-c", "PATH=" + fs::path(KTSTR_BINARY).parent_path().string() + ":$PATH; " + again};
  const ProgramResult ran = run_program(shell);
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_NE(ran.out.find("Running 1 test of demo"), std::string::npos) << ran.out;
}

TEST_F(Show, TellsTheBeginningOfEachPartOfTheDump) {
  const std::string text = project.ktstr({"show", run, "bad"}).out;
  EXPECT_NE(text.find("  tasks:\n    first \\x1b[31m\n    a task\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    … and 4 more in the report below\n  maps: none, no scheduler\n"),
            std::string::npos)
      << text;
}

TEST_F(Show, ATestWithoutASidecarIsKnownFromTheManifest) {
  const ProgramResult result = project.ktstr({"show", run, "unr*"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out.find("unrun 1n1l2c1t eevdf SpinWait: error\n  no QEMU\n"), 0U) << result.out;
  expect_error(project.ktstr({"show", run, "godo"}), 2,
               {"the run " + run + " has no test \"godo\" (did you mean \"good\"?)"});
  expect_error(project.ktstr({"show", "6.18.2-nothing", "good"}), 2, {"there is no run \"6.18.2-nothing\""});
}

}  // namespace
}  // namespace ktstr::testing
