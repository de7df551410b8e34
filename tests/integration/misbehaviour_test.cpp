// SPDX-License-Identifier: Apache-2.0
//
// Whatever a plugin does besides its work: a red comparison stays red or becomes an error that names the
// plugin, and nothing it leaves behind gets into a report or the next call.
#include "project.hpp"

namespace ktstr::testing {
namespace {

struct ExpectedOutcome {
  const char* how;
  int exit_code;
  const char* told;  ///< in stderr; "" for nothing at all
};

constexpr int kCrash = -1;  ///< ended by a signal

class Misbehaviour : public ::testing::Test {
 protected:
  void SetUp() override {
    project.two_commits();
    place_ = project.tree.directory("misbehaving");
    fs::permissions(place_, fs::perms(0755));
    install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "misbehaving", place_);
  }

  ProgramResult run(std::vector<std::string> arguments, const std::string& deadline = "") const {
    Program program = project.program(
        {"--plugin-dir", place_.string(), "perf-delta", "--base", "HEAD~1", "--fail-threshold", "1"});
    program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
    if (!deadline.empty()) program.environment["KTSTR_PLUGIN_DEADLINE"] = deadline;
    return run_program(program);
  }
  ProgramResult gate(const std::string& how, const std::string& when = "evaluate") const {
    return run({"--gate", "misbehaving::when=" + when + "::how=" + how});
  }

  void check(const ExpectedOutcome& expected, const ProgramResult& result, const std::string& what) const {
    SCOPED_TRACE(what + "\n" + result.out + result.err);
    EXPECT_FALSE(result.timed_out);
    if (expected.exit_code == kCrash) {
      EXPECT_GT(result.exit_code, 128);
    } else {
      EXPECT_EQ(result.exit_code, expected.exit_code);
    }
    if (expected.exit_code == 1) {
      EXPECT_NE(result.out.find("FAIL"), std::string::npos);
      EXPECT_EQ(result.out.find("printed by"), std::string::npos);
    }
    for (const char* const raw : {"\x1b", "\xff", "\x07", "\u202e"})
      EXPECT_EQ((result.out + result.err).find(raw), std::string::npos) << json::serialize(json::value(raw));
    if (*expected.told == '\0') return;
    EXPECT_NE(result.err.find(expected.told), std::string::npos);
    if (std::string(expected.how) != "print") {
      EXPECT_NE(result.err.find("misbehaving"), std::string::npos);
    }
  }

  Project project;
  fs::path place_;
};

// What each way of going wrong in a gate's `evaluate` ends as.
constexpr ExpectedOutcome kGate[] = {
    {"none", 1, ""},
    {"exit", 4, "called exit()"},
    {"_exit", 4, "called _exit()"},
    {"quick", 4, "called quick_exit()"},
    {"exit-later", 1, ""},
    {"pthread-exit", kCrash, "crashed inside"},
    {"terminate-me", 4, "called raise()"},
    {"interrupt-me", 4, "called raise()"},
    {"fork", 1, ""},
    {"child", 1, ""},
    {"segv", kCrash, "crashed inside"},
    {"segv-thread", kCrash, "crashed in plugin"},
    {"overflow", kCrash, "crashed inside"},
    {"abort", kCrash, "crashed inside"},
    {"divide", kCrash, "crashed inside"},
    {"throw", 4, "thrown on purpose"},
    {"throw-number", 4, "misbehaving"},
    {"throw-thread", kCrash, "crashed in plugin"},
    {"memory", 4, "out of memory"},
    {"print", 1, "printed by the plugin"},
    {"close1", 1, "descriptor 1"},
    {"close012", 1, "descriptor 0, descriptor 1 and descriptor 2"},
    {"close-all", 4, "cannot be put back"},
    {"chdir", 1, "changed the working directory in its call evaluate"},
    {"umask", 1, "changed the umask"},
    {"signals", 1, "changed what happens at SIGINT, SIGUSR1, SIGSEGV, SIGPIPE, SIGTERM, SIGCHLD"},
    {"mask", 1, "the mask of blocked signals"},
    {"locale", 1, "changed the locale"},
    {"traps", 1, "changed how floating-point numbers are computed"},
    {"file-size", 1, "changed resource limits"},
    {"files", 1, "changed resource limits"},
    {"environment", 1, ""},
    {"cancelled", 4, "gate misbehaving: as if somebody had"},
    {"write", 1, ""},
    {"no-such-outcome", 4, "outcome that does not exist (77)"},
    {"kill-me", kCrash, ""},  // which nobody hears of
    {"gigabytes", 4, "misbehaving"},
    {"flush-to-zero", 1, "changed how floating-point numbers are computed"},
    {"remove-directory", 1, "changed the working directory in its call evaluate"},
    {"leak-descriptors", 4, "changed how many descriptors are free (none is left)"},
    {"smash-heap", kCrash, "crashed inside"},
    {"smash-stack", kCrash, "crashed inside"},
    {"log-much", 1, "spilt by the plugin"},
    {"log-nothing", 1, ""},
    {"leave-thread", 1, ""},
    {"unknown-status", 4, "failed with status 99 and said nothing"},
    {"no-error", 4, "all is well"},
    {"invalid", 2, "as if it were the user's"},
    {"unavailable", 3, "as if something lacked"},
    {"not-found", 4, "as if there were none"},
    {"odd-bytes", 4, "odd"},
    {"infinite", 1, ""},
    {"not-a-number", 1, ""},
    {"odd-numbers", 1, ""},
    {"odd-false-alarm", 4, "no probability"},
    {"odd-text", 1, ""},
    {"no-size", 1, ""},
    {"huge-size", 1, ""},
    {"flags", 1, ""},
    {"reserved", 4, "set a reserved field"},
    {"endless-text", 1, ""},
    {"null-verdicts", 1, ""},
};

TEST_F(Misbehaviour, OfAGateDoesNotMakeRedGreen) {
#ifdef KTSTR_SANITIZED
  GTEST_SKIP() << "a sanitizer has its own exit and tells crashes itself";
#endif
  for (const ExpectedOutcome& expected : kGate) check(expected, gate(expected.how), expected.how);
}

TEST_F(Misbehaviour, OfAGateLeavesDocumentsThatSaySo) {
  const fs::path markdown = project.tree.path() / "report.md", junit = project.tree.path() / "report.xml";
  project.tree.write("report.xml", "of yesterday, all green");
  const ProgramResult result =
      run({"--gate", "misbehaving::when=evaluate::how=throw", "--json", "--reporter",
           "markdown::out=" + markdown.string(), "--reporter", "junit::out=" + junit.string()});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const json::object document = json::parse(result.out).as_object();
  EXPECT_EQ(document.at("exit_code"), 4);
  EXPECT_EQ(document.at("verdict"), "inconclusive");
  EXPECT_EQ(document.at("error").at("message"), "gate misbehaving: thrown on purpose");
  for (const fs::path& file : {markdown, junit}) {
    const std::string text = project.tree.read(file.filename());
    EXPECT_NE(text.find("nothing was judged: gate misbehaving: thrown on purpose"), std::string::npos)
        << text;
    EXPECT_EQ(text.find("yesterday"), std::string::npos);
  }
}

TEST_F(Misbehaviour, OfAThreadIsToldAsAPlugins) {
#ifdef KTSTR_SANITIZED
  GTEST_SKIP() << "a sanitizer has its own exit";
#endif
  const ProgramResult result = gate("exit-thread");
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_NE(result.err.find("a thread of a plugin called _exit()"), std::string::npos) << result.err;
}

TEST_F(Misbehaviour, InEachCallOfAGateIsToldWithItsName) {
#ifdef KTSTR_SANITIZED
  GTEST_SKIP() << "a sanitizer has its own exit";
#endif
  for (const std::string when : {"create", "destroy"}) {
    check({"exit", 4, "called exit()"}, gate("exit", when), when);
    check({"segv", kCrash, "crashed inside"}, gate("segv", when), when);
    check({"chdir", 1, "working directory"}, gate("chdir", when), when);
  }
}

// What each way of going wrong in a reporter ends as: the other report is complete, the verdict stands.
constexpr ExpectedOutcome kReporter[] = {
    {"none", 1, ""},
    {"exit", 4, "called exit()"},
    {"terminate-me", 4, "called raise()"},
    {"segv", kCrash, "crashed inside"},
    {"throw", 1, "reporter misbehaving: thrown on purpose"},
    {"print", 1, "printed by the plugin"},
    {"close012", 1, "descriptor 0, descriptor 1 and descriptor 2"},
    {"chdir", 1, "changed the working directory"},
    {"traps", 1, "changed how floating-point numbers are computed"},
    {"file-size", 1, "changed resource limits"},
    {"cancelled", 1, "reporter misbehaving: as if somebody had"},
    {"write", 1, ""},
};

TEST_F(Misbehaviour, OfAReporterDoesNotMakeRedGreenNorSpoilAnotherReport) {
#ifdef KTSTR_SANITIZED
  GTEST_SKIP() << "a sanitizer has its own exit and tells crashes itself";
#endif
  for (const std::string when : {"begin", "rows", "end"}) {
    for (const ExpectedOutcome& expected : kReporter) {
      const ProgramResult result =
          run({"--reporter", "terminal", "--reporter",
               "misbehaving::out=report.txt::when=" + when + "::how=" + expected.how});
      check(expected, result, when + " " + expected.how);
    }
  }
}

TEST_F(Misbehaviour, OddNumbersAndTextsAreNoOddDocument) {
  for (const std::string how :
       {"not-a-number", "odd-numbers", "odd-text", "infinite", "flags", "huge-size"}) {
    const ProgramResult result = run({"--gate", "misbehaving::how=" + how, "--json"});
    EXPECT_EQ(result.exit_code, 1) << how << result.err;
    const json::object document = json::parse(result.out).as_object();
    EXPECT_EQ(document.at("exit_code"), 1) << how;
  }
}

TEST_F(Misbehaviour, AHugeReportIsWhole) {
  const ProgramResult result =
      run({"--reporter", "terminal", "--reporter", "misbehaving::out=report.txt::how=huge"});
  check({"huge", 1, ""}, result, "huge");
  EXPECT_EQ(fs::file_size(project.directory() / "report.txt"),
            std::string("begun\nended\n").size() + (64U << 20U));
  check({"write-nothing", 1, ""},
        run({"--reporter", "terminal", "--reporter", "misbehaving::out=report.txt::how=write-nothing"}),
        "write-nothing");
}

TEST_F(Misbehaviour, AFileOfOutputIsNotWrittenOver) {
  const std::string out = (project.tree / "out").string(), err = (project.tree / "err").string();
  for (const std::vector<std::string>& plugin :
       {std::vector<std::string>{"--gate", "misbehaving::how=rewind"},
        {"--reporter", "terminal", "--reporter", "misbehaving::out=report.txt::when=begin::how=rewind"}}) {
    Program program = project.program(
        {"--plugin-dir", place_.string(), "perf-delta", "--base", "HEAD~1", "--fail-threshold", "1"});
    program.argv.insert(program.argv.end(), plugin.begin(), plugin.end());
    const std::vector<std::string> shell{
        "sh", "-c", "{ echo first; echo first >&2; \"$0\" \"$@\"; } >" + out + " 2>" + err};
    program.argv.insert(program.argv.begin(), shell.begin(), shell.end());
    const ProgramResult result = run_program(program);
    const std::string told = project.tree.read("err"), shown = project.tree.read("out");
    EXPECT_EQ(result.exit_code, 1) << told << shown;
    EXPECT_TRUE(shown.starts_with("first\n") && told.starts_with("first\n")) << told << shown;
    EXPECT_NE(shown.find("FAIL"), std::string::npos) << shown;
    EXPECT_NE(told.find("changed where in its file descriptor "), std::string::npos) << told;
  }
}

TEST_F(Misbehaviour, ACallThatHangsIsNamedAndGivenUp) {
  for (const std::string how : {"hang", "spin"}) {
    const ProgramResult result = run({"--gate", "misbehaving::how=" + how}, "3");
    EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
    EXPECT_NE(result.err.find("still waiting for gate misbehaving"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("gave up waiting for gate misbehaving"), std::string::npos) << result.err;
  }
  expect_error(run({"--gate", "misbehaving"}, "soon"), 2, {"KTSTR_PLUGIN_DEADLINE is \"soon\""});
}

}  // namespace
}  // namespace ktstr::testing
