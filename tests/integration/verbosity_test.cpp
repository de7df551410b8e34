// SPDX-License-Identifier: Apache-2.0
//
// -q, -v and -vv, which mean something for every command, and --trace-plugins.
#include "project.hpp"

namespace ktstr::testing {
namespace {

/// Of commands that a fresh project can run and that end well.
const std::vector<Arguments> kCommands = {{"test"},
                                          {"affected"},
                                          {"perf-delta", "--base", "HEAD~1", "--fail-threshold", "0"},
                                          {"stats"},
                                          {"stats", "list"},
                                          {"stats", "list-values"},
                                          {"stats", "list-metrics"},
                                          {"runs", "list"},
                                          {"runs", "prune", "--keep", "5"},
                                          {"runs", "push"},
                                          {"show-thresholds"},
                                          {"export", "--csv"},
                                          {"kernel", "list"},
                                          {"locks"},
                                          {"plugin", "list"},
                                          {"plugin", "info", "welch"},
                                          {"config", "show"},
                                          {"completions", "bash"},
                                          {"help"},
                                          {"help", "commands"}};

Arguments with(const char* flag, Arguments arguments, bool before) {
  arguments.insert(before ? arguments.begin() : arguments.end(), flag);
  return arguments;
}

TEST(Verbosity, QuietLeavesResultsAndErrors) {
  const Project project;
  project.two_commits();
  for (const Arguments& command : kCommands) {
    for (const bool before : {true, false}) {
      const ProgramResult quiet = project.ktstr(with("-q", command, before));
      EXPECT_LE(quiet.exit_code, 1) << ::testing::PrintToString(command) << quiet.err;
      EXPECT_EQ(quiet.err.find("ktstr: warning"), std::string::npos);
      EXPECT_EQ(quiet.err, "") << ::testing::PrintToString(command);
    }
  }
  EXPECT_EQ(project.stable(project.ktstr({"-q", "test"}).out), project.stable(project.ktstr({"test"}).out));
  expect_error(project.ktstr({"-q", "test", "alpa"}), 2,
               {"error: ", "did you mean \"alpha\"?", "\nktstr:   "});
}

TEST(Verbosity, WhatABuildPrintedBelongsToItsError) {
  const Project project;
  project.write("ktstr.json", R"({"runner": "fake", "build": "echo the reason; false"})");
  expect_error(project.ktstr({"-q", "test"}), 3, {"the reason", "the build failed with status 1"});
}

TEST(Verbosity, VerboseTellsWhatIsDoneAndHowLongItTook) {
  const Project project;
  project.two_commits();
  for (const Arguments& command : kCommands) {
    for (const bool before : {true, false}) {
      const ProgramResult usual = project.ktstr(command),
                          verbose = project.ktstr(with("-v", command, before));
      EXPECT_EQ(verbose.exit_code, usual.exit_code) << verbose.err;
      EXPECT_NE(verbose.err.find("ktstr: ended with "), std::string::npos)
          << ::testing::PrintToString(command) << "\n"
          << verbose.err;
      EXPECT_EQ(usual.err.find("ktstr: ended with "), std::string::npos);
    }
  }
  project.write("ktstr.json", R"({"runner": "fake", "build": "true"})");
  const std::string err = project.ktstr({"test", "--kernel", "6.18", "-v"}).err;
  for (const char* part : {"kernel 6.18.2 (", "of --kernel 6.18", "runs are in the store fs, root ",
                           "runs: ", "sh -c true", "time in plugins: ", "PLUGIN", "runner fake", "LONGEST"})
    EXPECT_NE(err.find(part), std::string::npos) << part << "\n" << err;
  EXPECT_EQ(err.find("loaded the plugin"), std::string::npos) << "that is for -vv";
  EXPECT_NE(project.ktstr({"test", "-v"}).err.find("nobody named one"), std::string::npos);
}

TEST(Verbosity, TwiceIsForBugReports) {
  const Project project;
  const std::string err = project.ktstr({"test", "-vv"}).err;
  for (const char* part : {"loaded the plugin test.ktstr.fixture-fake-runner", "runner fake, call run: "})
    EXPECT_NE(err.find(part), std::string::npos) << part << "\n" << err;
  EXPECT_NE(project.ktstr({"-v", "-v", "test"}).err.find("loaded the plugin"), std::string::npos);
  expect_error(project.ktstr({"-q", "-v", "test"}), 2, {"-q says less and -v says more"});
}

TEST(Verbosity, CallsOfPluginsBecomeATrace) {
  const Project project;
  ASSERT_EQ(project.ktstr({"test", "--trace-plugins", "calls.json"}).exit_code, 0);
  const json::value trace = json::parse(project.tree.read("project/calls.json"));
  std::map<std::string, std::string> plugin_of;  // of "kind call"
  for (const json::value& event : trace.at("traceEvents").as_array()) {
    if (event.at("ph") != "X") continue;
    EXPECT_GE(event.at("dur").as_double(), 0);
    EXPECT_GE(event.at("ts").to_number<double>(), 0);
    plugin_of[std::string(event.at("cat").as_string()) + " " +
              std::string(event.at("args").at("call").as_string())] =
        std::string(event.at("args").at("plugin").as_string());
  }
  EXPECT_EQ(plugin_of["runner run"], "test.ktstr.fixture-fake-runner");
  EXPECT_EQ(plugin_of["plugin ktstr_plugin_entry_v1"].empty(), false);
  for (const char* call :
       {"store put", "store end_run", "reporter end", "baseline describe", "runner destroy"})
    EXPECT_TRUE(plugin_of.contains(call)) << call << "\n" << ::testing::PrintToString(plugin_of);
  expect_error(project.ktstr({"--trace-plugins", "/nonexistent/calls.json", "test"}), 2,
               {"--trace-plugins /nonexistent/calls.json", "there is no directory"});
}

/// What a terminal gets, by script(1).
std::string on_terminal(const Project& project, const std::string& arguments) {
  Program program = project.program({});
  program.argv = {"script", "-qefc", std::string(KTSTR_BINARY) + " " + arguments, "/dev/null"};
  program.environment["TERM"] = "xterm";
  return run_program(program).out;
}

TEST(Verbosity, MessagesNeverCollideWithTheLineOfWhatIsWaitedFor) {
  const Project project;
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "build": "sleep 0.6"})");
  project.write("tests/all.json", R"({"tests": [{"name": "slow", "sleep_ms": 700},
    {"name": "flaky", "outcomes": ["failed", "passed"], "sleep_ms": 400}]})");
  const std::string first = on_terminal(project, "-vv test --retries 1");
  EXPECT_NE(first.find("\r\033[K  [0 s] building "), std::string::npos) << first;
  EXPECT_NE(first.find("\r\033[K  [0 s] 0/2  flaky"), std::string::npos) << first;
  for (const char* part : {"ktstr: ", "FLAKY", "PASS"}) {
    for (std::size_t at = 0; (at = first.find(part, at)) != std::string::npos; ++at) {
      const std::size_t cleared = first.rfind("\033[K", at);
      const std::size_t line =
          std::max(first.rfind('\n', at) + 1, cleared == std::string::npos ? 0 : cleared + 3);
      EXPECT_EQ(first.substr(line, at - line).find("  ["), std::string::npos)
          << part << " stands behind the line: " << first.substr(line, 80);
    }
  }
  const std::string second = on_terminal(project, "test --retries 1");
  EXPECT_NE(second.find("building demo, about 1 s left"), std::string::npos) << second;
  EXPECT_NE(second.find(" left"), std::string::npos);
  const std::string quiet = on_terminal(project, "-q test --retries 1");
  EXPECT_EQ(quiet.find("\033[K"), std::string::npos) << quiet;
}

}  // namespace
}  // namespace ktstr::testing
