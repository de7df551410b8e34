// SPDX-License-Identifier: Apache-2.0
//
// Every command as a person types it: help, names that are nearly right, tables and their JSON.
#include "project.hpp"

namespace ktstr::testing {
namespace {

TEST(Commands, HelpBeginsWithAnExample) {
  const Project project;
  for (const Arguments& command : {Arguments{},
                                   {"test"},
                                   {"perf-delta"},
                                   {"stats"},
                                   {"stats", "list"},
                                   {"kernel"},
                                   {"init"},
                                   {"doctor"},
                                   {"show"},
                                   {"show-thresholds"},
                                   {"kernel", "list"},
                                   {"kernel", "add"},
                                   {"kernel", "fetch"},
                                   {"kernel", "remove"},
                                   {"plugin"},
                                   {"plugin", "list"},
                                   {"plugin", "info"},
                                   {"config"},
                                   {"config", "show"},
                                   {"help"}}) {
    Arguments arguments = command;
    arguments.push_back("--help");
    const ProgramResult result = project.ktstr(arguments);
    std::string begin = "Example:\n  ktstr ";
    for (const std::string& word : command) begin += word + (word == command.back() ? "" : " ");
    EXPECT_EQ(result.exit_code, 0) << begin;
    EXPECT_TRUE(result.out.starts_with(begin)) << "not \"" << begin << "\":\n" << result.out;
    EXPECT_EQ(result.err, "");
    if (command.empty() || command.front() == "help") continue;
    arguments.pop_back();
    arguments.insert(arguments.begin(), "help");
    EXPECT_EQ(project.ktstr(arguments).out, result.out) << "ktstr help says something else than --help";
  }
}

TEST(Commands, ExitCodesAreExplained) {
  const ProgramResult result = Project().ktstr({"help", "exit-codes"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(matches_golden("integration/exit-codes.txt", result.out));
}

TEST(Commands, NamesThatAreNearlyRight) {
  const Project project;
  project.two_commits();
  const auto meant = [&](const Arguments& arguments, int exit_code, const std::string& name) {
    expect_error(project.ktstr(arguments), exit_code, {"ktstr: error: ", "(did you mean \"" + name + "\"?)"});
  };
  meant({"tset"}, 2, "test");
  meant({"kernel", "lst"}, 2, "list");
  meant({"config", "shw"}, 2, "show");
  meant({"test", "--kernle", "6.18"}, 2, "--kernel");
  meant({"test", "--color", "alwys"}, 2, "always");
  meant({"test", "alpa"}, 2, "alpha");
  meant({"test", "--reporter", "terminl"}, 2, "terminal");
  meant({"test", "--kernel", "6.18.2x"}, 3, "6.18.2");
  meant({"plugin", "info", "wlech"}, 2, "welch");
  meant({"kernel", "remove", "6.18.2x"}, 2, "6.18.2");
  meant({"help", "exit-cods"}, 2, "exit-codes");
  meant({"perf-delta", "--base", "HEAD~1", "--gate", "thresold"}, 2, "threshold");
  meant({"perf-delta", "--base", "HEAD~1", "--must-fail", "worst_gap"}, 2, "worst_gap_ms");
  meant({"perf-delta", "--base", "HEAD~1", "-E", "alpa"}, 2, "alpha");
  project.write("ktstr.json", R"({"runer": "fake"})");
  meant({"test"}, 2, "runner");
}

TEST(Commands, WrongValuesAreNamed) {
  const Project project;
  expect_error(project.ktstr({}), 2, {"no command given", "commands: test, "});
  expect_error(project.ktstr({"plugin"}), 2, {"ktstr plugin: which one?", "list, info"});
  expect_error(project.ktstr({"kernel", "list", "surplus"}), 2, {"unexpected argument \"surplus\""});
  for (const char* number : {"x", "-1", "1.5", "99999999999999999999"}) {
    for (const Arguments& flag : {Arguments{"test", "--jobs"},
                                  {"test", "--seed"},
                                  {"perf-delta", "--fail-threshold"},
                                  {"perf-delta", "--noise-adjust"}}) {
      expect_error(project.ktstr({flag[0], flag[1], number}), 2,
                   {flag[1] + ": \"" + number + "\" is no whole number"});
    }
  }
  for (const char* percent : {"x", "nan", "-1", "1e9"})
    expect_error(project.ktstr({"perf-delta", "--threshold", percent}), 2, {"--threshold"});
  expect_error(project.ktstr({"-C", "/nonexistent", "test"}), 2,
               {"-C /nonexistent: No such file or directory"});
  expect_error(project.ktstr({"--plugin-dir", "/nonexistent", "test"}), 2, {"--plugin-dir /nonexistent"});
}

TEST(Commands, CargoStartsItByAnotherName) {
  const Project project;
  const fs::path cargo = fs::path(KTSTR_BINARY).parent_path() / "cargo-ktstr";
  Program program = project.program({"ktstr", "test", "alpha"});
  program.argv.front() = cargo.string();
  const ProgramResult result = run_program(program);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("PASS"), std::string::npos) << result.out;
}

TEST(Commands, PluginsAreListedWithoutLoadingThem) {
  const Project project;
  const ProgramResult result = project.ktstr({"plugin", "list"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.out.starts_with("KIND")) << result.out;
  for (const char* name : {"baseline  git ", "gate      threshold ", "gate      welch ", "reporter  json ",
                           "reporter  terminal ", "runner    fake ", "store     fs "}) {
    EXPECT_NE(result.out.find(name), std::string::npos) << name << "\n" << result.out;
  }
  bool user = false;
  const json::value list = parsed(project.ktstr({"plugin", "list", "--json"}));
  EXPECT_EQ(list.at("document"), "plugin-list");
  for (const json::value& plugin : list.at("plugins").as_array()) {
    for (const char* key : {"id", "version", "library", "provides"})
      EXPECT_TRUE(plugin.as_object().contains(key)) << key;
    user |= plugin.at("id") == "test.ktstr.fixture-fake-runner";
  }
  EXPECT_TRUE(user);
  const json::value info = parsed(project.ktstr({"plugin", "info", "welch", "--json"}));
  EXPECT_EQ(info.at("provides").at(0).at("interface"), "ktstr.gate/1");
  EXPECT_NE(project.ktstr({"plugin", "info", "welch"}).out.find("gate welch: "), std::string::npos);
}

TEST(Commands, KernelsAreAddedListedAndRemoved) {
  const Project project;
  const ProgramResult list = project.ktstr({"kernel", "list"});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_TRUE(matches_golden("integration/kernel-list.txt", project.stable(list.out)));
  const json::value kernels = parsed(project.ktstr({"kernel", "list", "--json"})).at("kernels");
  EXPECT_EQ(kernels.at(0).at("version"), "6.18.2");
  EXPECT_EQ(project.ktstr({"kernel", "add", "../bzImage", "--name", "second"}).out,
            "added second (6.18.2)\n");
  EXPECT_EQ(parsed(project.ktstr({"kernel", "list", "--json"})).at("kernels").as_array().size(), 2U);
  EXPECT_EQ(project.ktstr({"kernel", "remove", "second"}).out, "removed second\n");
  EXPECT_EQ(parsed(project.ktstr({"kernel", "list", "--json"})).at("kernels").as_array().size(), 1U);
  expect_error(project.ktstr({"kernel", "add", "/nonexistent"}), 3, {"cannot read /nonexistent"});
  expect_error(project.ktstr({"kernel", "add", (project.tree / "bzImage").string(), "--name", "../evil"}), 2,
               {"cannot be a kernel's name"});
  expect_error(project.ktstr({"kernel", "fetch", "6.12"},
                             {{"http_proxy", "http://127.0.0.1:1"}, {"https_proxy", "http://127.0.0.1:1"}}),
               3, {"cannot read the package lists of http", "127.0.0.1", "check the network"});
  expect_error(project.ktstr({"kernel", "fetch", "six"}), 2, {"\"six\" is not a kernel version"});
  project.ktstr({"kernel", "remove", "6.18.2"});
  const ProgramResult none = project.ktstr({"kernel", "list"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_EQ(none.out, "");
  EXPECT_NE(none.err.find("ktstr kernel fetch"), std::string::npos);
}

TEST(Commands, StoredRunsAreListed) {
  const Project project;
  EXPECT_NE(project.ktstr({"stats", "list"}).err.find("ktstr test"), std::string::npos)
      << "an empty store says what to do";
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const std::string label = project.git({"rev-parse", "--short=7", "HEAD"});
  const json::value runs = parsed(project.ktstr({"stats", "list", "--json"})).at("runs");
  ASSERT_EQ(runs.as_array().size(), 1U);
  EXPECT_EQ(runs.at(0).at("run").as_string(), "6.18.2-" + label);
  EXPECT_EQ(runs.at(0).at("tests"), 3);
  EXPECT_NE(project.ktstr({"stats", "list"}).out.find("6.18.2-" + label), std::string::npos);
  expect_error(project.ktstr({"stats", "list", "--dir", "/nonexistent"}), 2,
               {"error: /nonexistent is no directory"});
}

TEST(Commands, AReaderThatLeavesIsNoFailure) {
  const Project project;
  for (const char* command :
       {"--version", "--help", "test --help", "help exit-codes", "help perf-delta", "config show"}) {
    Program program = project.program({});
    const std::string late =
        "{ sleep 0.1; " + std::string(KTSTR_BINARY) + " " + command + "; }";  // the reader is gone by then
    program.argv = {"bash", "-c", late + " | true; exit ${PIPESTATUS[0]}"};
    const ProgramResult result = run_program(program);
    EXPECT_EQ(result.exit_code, 0) << command << result.err;
    EXPECT_EQ(result.err, "") << command;
  }
}

TEST(Commands, FullDiskBehindStdoutIsNoSuccess) {
  const Project project;
  for (const char* command : {"plugin list", "config show", "kernel list", "help exit-codes"}) {
    Program program = project.program({});
    program.argv = {"sh", "-c", std::string(KTSTR_BINARY) + " " + command + " >/dev/full"};
    const ProgramResult result = run_program(program);
    EXPECT_EQ(result.exit_code, 4) << command;
    EXPECT_NE(result.err.find("No space left on device"), std::string::npos) << command << "\n" << result.err;
  }
}

}  // namespace
}  // namespace ktstr::testing
