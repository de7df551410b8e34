// SPDX-License-Identifier: Apache-2.0
//
// Whatever a plugin with "isolate": true does: its process alone ends of it, ktstr says so in one line, and
// the rest of the command goes on.
#include <algorithm>

#include "project.hpp"

namespace ktstr::testing {
namespace {

struct ExpectedEnd {
  const char* how;
  bool goes_on;      ///< the call has its result all the same
  const char* told;  ///< in what is said; "" for nothing at all
};

/// Every way of going wrong that the fixture knows, and those that only make sense isolated.
constexpr ExpectedEnd kWays[] = {
    {"none", true, ""},
    {"exit", false, "called exit()"},
    {"_exit", false, "called _exit()"},
    {"quick", false, "called quick_exit()"},
    {"exit-thread", false, "called _exit()"},
    {"exit-later", true, ""},
    {"pthread-exit", false, "crashed inside"},
    {"terminate-me", false, "called raise()"},
    {"interrupt-me", false, "called raise()"},
    {"fork", true, ""},
    {"child", true, ""},
    {"segv", false, "(SIGSEGV)"},
    {"segv-thread", false, "(SIGSEGV)"},
    {"overflow", false, "(SIGSEGV)"},
    {"abort", false, "(SIGABRT)"},
    {"divide", false, "(SIGFPE)"},
    {"throw", false, "misbehaving: thrown on purpose"},
    {"throw-number", false, "misbehaving"},
    {"throw-thread", false, "(SIGABRT)"},
    {"memory", false, "out of memory"},
    {"print", true, "printed by the plugin"},
    {"close1", true, "descriptor 1"},
    {"close012", true, "descriptor 0, descriptor 1 and descriptor 2"},
    {"close-all", false, "cannot be put back"},
    {"chdir", true, "changed the working directory in its call"},
    {"umask", true, "changed the umask"},
    {"signals", true, "changed what happens at SIGINT"},
    {"mask", true, "the mask of blocked signals"},
    {"locale", true, "changed the locale"},
    {"traps", true, "changed how floating-point numbers are computed"},
    {"file-size", true, "changed resource limits"},
    {"files", true, "changed resource limits"},
    {"environment", true, ""},
    {"cancelled", false, "misbehaving: as if somebody had"},
};

class Isolation : public ::testing::Test {
 protected:
  void SetUp() override {
    project.two_commits();
    place_ = project.tree.directory("misbehaving");
    fs::permissions(place_, fs::perms(0755));
    install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "misbehaving", place_);
  }

  /// Of the user: the project, which is a commit, stays as it is.
  void configure(const json::object& configuration) const {
    project.tree.write("home/.config/ktstr/config.json", json::serialize(configuration));
  }
  static json::object choice(const json::object& options, json::object more = {}) {
    more["use"] = "misbehaving";
    more["isolate"] = true;
    more["options"] = options;
    return more;
  }
  void choose_gate(const json::object& options) const { configure({{"cached_gates", {choice(options)}}}); }
  void choose_reporter(const json::object& options) const {
    configure({{"reporters", {"terminal", choice(options, {{"out", "report.txt"}})}}});
  }
  ProgramResult delta(const Arguments& more = {}, const Variables& variables = {}) const {
    Program program = project.program(
        {"--plugin-dir", place_.string(), "perf-delta", "--base", "HEAD~1", "--fail-threshold", "1"},
        variables);
    program.argv.insert(program.argv.end(), more.begin(), more.end());
    return run_program(program);
  }
  static std::size_t lines_with(const std::string& part, const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
    return count;
  }

  Project project;
  fs::path place_;
};

TEST_F(Isolation, OfAGateEndsInADocumentThatSaysWhatItDid) {
  SKIP_WITH_SANITIZER();
  for (const ExpectedEnd& expected : kWays) {
    choose_gate({{"when", "evaluate"}, {"how", expected.how}});
    const ProgramResult result = delta({"--json"});
    SCOPED_TRACE(std::string(expected.how) + "\n" + result.out + result.err);
    EXPECT_EQ(result.exit_code, expected.goes_on ? 1 : 4);
    EXPECT_EQ(lines_with("ktstr: error: ", result.err), expected.goes_on ? 0U : 1U);
    EXPECT_EQ(lines_with("crashed in", result.err) > 1, false) << "told twice";
    const json::object document = parsed(result).as_object();
    EXPECT_EQ(document.at("verdict"), expected.goes_on ? "fail" : "inconclusive");
    EXPECT_NE(result.err.find(expected.told), std::string::npos);
    if (expected.goes_on) continue;
    const std::string told(document.at("error").at("message").as_string());
    EXPECT_NE(told.find(expected.told), std::string::npos);
    EXPECT_NE(told.find("misbehaving"), std::string::npos);
  }
}

TEST_F(Isolation, OfAReporterLeavesVerdictAndOtherReports) {
  SKIP_WITH_SANITIZER();
  const auto check = [&](const std::string& when, const ExpectedEnd& expected) {
    choose_reporter({{"when", when}, {"how", expected.how}});
    project.write("report.txt", "of yesterday");
    const ProgramResult result = delta();
    SCOPED_TRACE(when + " " + expected.how + "\n" + result.out + result.err);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.out.find("FAIL"), std::string::npos);
    EXPECT_EQ(result.out.find("printed by"), std::string::npos);
    EXPECT_NE(result.err.find(expected.told), std::string::npos);
    EXPECT_EQ(project.tree.read("project/report.txt"), expected.goes_on ? "begun\nended\n" : "of yesterday");
  };
  for (const ExpectedEnd& expected : kWays) {
    check("end", expected);
    const std::string how = expected.how;
    if (how != "exit" && how != "segv" && how != "close-all" && how != "chdir" && how != "throw-thread")
      continue;
    check("begin", expected);
    check("rows", expected);
  }
}

TEST_F(Isolation, WhatHangsIsGivenUpAndTheRestGoesOn) {
  for (const std::string how : {"hang", "spin"}) {
    choose_reporter({{"when", "begin"}, {"how", how}});
    const ProgramResult result = delta({}, {{"KTSTR_PLUGIN_DEADLINE", "2"}});
    EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
    EXPECT_NE(result.out.find("FAIL"), std::string::npos) << result.out;
    EXPECT_NE(result.err.find("gave up waiting for reporter misbehaving, call begin, for 2 s: it hangs"),
              std::string::npos)
        << result.err;
  }
  choose_gate({{"when", "create"}, {"how", "hang"}});
  const ProgramResult result = delta({}, {{"KTSTR_PLUGIN_DEADLINE", "2"}});
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_NE(result.err.find("gave up waiting for gate misbehaving, call create, for 2 s"), std::string::npos)
      << result.err;
}

TEST_F(Isolation, BeginsAndEndsAreCallsLikeOthers) {
  SKIP_WITH_SANITIZER();
  choose_gate({{"when", "create"}, {"how", "segv"}});
  ProgramResult result = delta();
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_NE(result.err.find("crashed inside gate misbehaving, call create (SIGSEGV)"), std::string::npos)
      << result.err;
  choose_gate({{"when", "destroy"}, {"how", "segv"}});  // its verdicts are there: red stays red
  result = delta();
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  EXPECT_NE(result.err.find("crashed inside gate misbehaving, call destroy (SIGSEGV)"), std::string::npos)
      << result.err;
}

TEST_F(Isolation, ChangesNothingOfWhatAGateSays) {
  const auto verdicts = [&](bool isolate, const char* gate) {
    configure({{"cached_gates", {{{"use", gate}, {"isolate", isolate}}}}});
    json::object document = parsed(delta({"--json", "--all-metrics"})).as_object();
    EXPECT_NE(document.at("exit_code"), 4);
    return document;
  };
  for (const char* gate : {"threshold", "fdr", "welch"}) {
    const json::object here = verdicts(false, gate), isolated = verdicts(true, gate);
    EXPECT_EQ(here, isolated) << gate;  // sums of the plugins' files included
    EXPECT_FALSE(here.at("rows").as_array().empty());
  }
}

TEST_F(Isolation, ChangesNothingOfAReport) {
  for (const char* reporter : {"json", "markdown", "html", "junit"}) {
    std::string text[2];
    for (const bool isolate : {false, true}) {
      configure({{"reporters", {{{"use", reporter}, {"out", "report"}, {"isolate", isolate}}}}});
      EXPECT_EQ(delta().exit_code, 1);
      text[isolate ? 1 : 0] = project.tree.read("project/report");
      fs::remove(project.directory() / "report");
    }
    EXPECT_EQ(text[0], text[1]) << reporter;
    EXPECT_FALSE(text[0].empty());
  }
}

TEST_F(Isolation, AFlagThatNamesThePluginKeepsIt) {
  SKIP_WITH_SANITIZER();
  choose_gate({});
  const ProgramResult result = delta({"--gate", "misbehaving::when=evaluate::how=abort", "--json"});
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_NE(result.err.find("(SIGABRT)"), std::string::npos) << result.err;
}

TEST_F(Isolation, ShowsNoSecret) {
  choose_gate({{"how", "fail-with-options"}, {"token", {{"env", "MY_TOKEN"}}}});
  const ProgramResult result = delta({}, {{"MY_TOKEN", "correct horse"}});
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_NE(result.err.find("***"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("correct horse"), std::string::npos) << result.err;
}

TEST_F(Isolation, WhatCannotBeLoadedSaysWhy) {
  install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "failing-init", place_);
  configure({{"cached_gates", {{{"use", "fixture"}, {"isolate", true}}}}});
  const ProgramResult result = delta();
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;  // as it says itself
  EXPECT_NE(result.err.find("init failed on purpose"), std::string::npos) << result.err;
  configure({{"cached_gates", {{{"use", "none-such"}, {"isolate", true}}}}});
  EXPECT_EQ(delta().exit_code, 2);
}

TEST_F(Isolation, LoadsNothingThatWouldNotBeLoadedHere) {
  choose_gate({{"how", "none"}});
  const Arguments safe{"--safe"};
  expect_error(delta(safe), 4, {"not trusted: ", "ktstr plugin trust "});
  const std::string library = (place_ / "fixture-misbehaving.so").string();
  EXPECT_EQ(project.ktstr({"plugin", "trust", library}).exit_code, 0);
  const ProgramResult trusted = delta(safe);
  EXPECT_EQ(trusted.exit_code, 1) << trusted.err;
  EXPECT_NE(trusted.out.find("judged by misbehaving"), std::string::npos) << trusted.out;
}

TEST_F(Isolation, IsForKindsThatCan) {
  constexpr std::pair<const char*, const char*> kOthers[] = {
      {"store", "fs"}, {"runner", "kvm"}, {"baseline", "git"}};
  for (const auto& [kind, name] : kOthers) {
    configure({{kind, {{"use", name}, {"isolate", true}}}});
    expect_error(delta(), 2,
                 {std::string(kind) + ".isolate: a plugin of this kind cannot run in a process of its own"});
  }
  expect_error(project.ktstr({"__isolated"}), 2, {"for a plugin that runs isolated"});
}

}  // namespace
}  // namespace ktstr::testing
