// SPDX-License-Identifier: Apache-2.0
//
// `ktstr test` from outside: its exit codes, its reporters, and what a hostile project can make it print.
#include <signal.h>

#include <fstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

std::string one_test(const std::string& more) {
  return R"({"tests": [{"name": "good"}, {"name": "odd", )" + more + "}]}";
}

TEST(TestRun, SaysWhatHappened) {
  const Project project;
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "a-good"}, {"name": "b-bad", "outcome": "failed", "message": "stuck for 2 s\nmore"},
    {"name": "c-skipped", "outcome": "skipped"}, {"name": "d-open", "outcome": "inconclusive"}]})");
  const ProgramResult result = project.ktstr({"test"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  std::string text = std::regex_replace(project.stable(result.out), std::regex("-dirty"), "");
  text = std::regex_replace(text, std::regex(project.git({"rev-parse", "--short=7", "HEAD"})), "COMMIT");
  EXPECT_TRUE(matches_golden("integration/test-run.txt", text));

  const ProgramResult listed = project.ktstr({"test", "--list"});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_TRUE(matches_golden("integration/test-list.txt", listed.out));
  EXPECT_EQ(parsed(project.ktstr({"test", "--list", "--json"})).at("tests").as_array().size(), 4U);
}

TEST(TestRun, ExitCodes) {
  const Project project;
  const auto code = [&](const std::string& more, const Arguments& flags = {}) {
    project.write("tests/all.json", one_test(more));
    Arguments arguments{"test"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return project.ktstr(arguments).exit_code;
  };
  EXPECT_EQ(code(R"("outcome": "passed")"), 0);
  EXPECT_EQ(code(R"("outcome": "skipped")"), 0);
  EXPECT_EQ(code(R"("outcome": "failed")"), 1);
  EXPECT_EQ(code(R"("outcome": "passed", "unknown": 1)"), 2);
  EXPECT_EQ(code(R"("outcome": "error")"), 3);
  EXPECT_EQ(code(R"("sidecar": "broken")"), 4);
  EXPECT_EQ(code(R"("outcome": "inconclusive")"), 5);
  EXPECT_EQ(code(R"("outcome": "skipped")", {"odd"}), 5) << "nothing was judged";
  EXPECT_EQ(code(R"("outcome": "passed")", {"--kernel", "5.4"}), 3);

  project.write("ktstr.json", R"({"runner": {"use": "fake", "options": {"fail_run": "no QEMU"}}})");
  const ProgramResult unavailable = project.ktstr({"test"});
  EXPECT_EQ(unavailable.exit_code, 3);
  EXPECT_NE(unavailable.err.find("no QEMU"), std::string::npos) << unavailable.err;
  project.write("ktstr.json", R"({"runner": "fake", "build": "echo it broke; exit 7"})");
  const ProgramResult broken = project.ktstr({"test"});
  EXPECT_EQ(broken.exit_code, 3);
  EXPECT_NE(broken.err.find("it broke"), std::string::npos) << broken.err;
  project.write("ktstr.json", R"({"runner": "fake", "tests": ["nothing/*.json"]})");
  expect_error(project.ktstr({"test"}), 2, {"no test manifest matches \"nothing/*.json\""});
}

TEST(TestRun, InterruptedIs130AndNothingIsLeft) {
  const Project project;
  project.write("tests/all.json", one_test(R"("sleep_ms": 60000)"));
  for (const int signal : {SIGINT, SIGTERM}) {
    RunningProgram running(project.program({"test", "--reporter", "terminal"}));
    ASSERT_TRUE(running.wait_for_text("good")) << "the first test ends at once";
    running.send(signal);
    const ProgramResult result = running.wait();
    EXPECT_EQ(result.exit_code, 130) << result.out << result.err;
  }
  project.write("ktstr.json", R"({"runner": "fake", "build": "echo started >&2; touch started; sleep 60"})");
  RunningProgram building(project.program({"test"}));
  for (int i = 0; i < 1000 && !project.tree.exists("project/started"); ++i)
    building.wait_for_text("never printed", std::chrono::seconds(0));
  building.send(SIGINT);
  EXPECT_EQ(building.wait().exit_code, 130);
  EXPECT_TRUE(fs::is_empty(project.tree / "tmp"));
}

/// The SHA-256 of the plugin of that kind, as a list of plugins gives it.
std::string sum_of(const json::value& plugins, std::string_view kind) {
  for (const json::value& one : plugins.as_array()) {
    if (one.at("kind").as_string() == json::string_view(kind.data(), kind.size()))
      return std::string(one.at("sha256").as_string());
  }
  return "";
}

TEST(TestRun, SidecarsAndReportsNameThePluginsThatMadeThem) {
  const Project project;
  project.two_commits();
  const auto sum = [](const fs::path& file) {
    return run_program({{"sha256sum", file.string()}, {}, {}, false, {}, {}, std::chrono::seconds(60)})
        .out.substr(0, 64);
  };
  const fs::path shipped(KTSTR_PLUGINS_DIR);
  std::size_t sidecars = 0;
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
    if (!entry.path().string().ends_with(".ktstr.json")) continue;
    ++sidecars;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const json::value plugins = json::parse(text).at("plugins");
    EXPECT_EQ(plugins.as_array().size(), 3U) << text;
    EXPECT_EQ(sum_of(plugins, "runner"), sum(project.tree / "data/ktstr/plugins/v1/fixture-fake-runner.so"));
    EXPECT_EQ(sum_of(plugins, "store"), sum(shipped / "sidecar-store.so"));
    EXPECT_EQ(sum_of(plugins, "baseline"), sum(shipped / "baseline-git.so"));
  }
  EXPECT_GT(sidecars, 0U);
  const ProgramResult delta = project.ktstr({"perf-delta", "--base", "HEAD~1", "--json"});
  EXPECT_EQ(sum_of(parsed(delta).at("plugins"), "reporter"), sum(shipped / "reporters.so"));
  EXPECT_EQ(parsed(delta).at("plugins").as_array().size(), 4U) << delta.out.substr(0, 2000);
  EXPECT_EQ(parsed(project.ktstr({"perf-delta", "--last", "--json"})).at("plugins"),
            parsed(delta).at("plugins"));
}

TEST(TestRun, SeveralReporters) {
  const Project project;
  const ProgramResult result =
      project.ktstr({"test", "--reporter", "terminal", "--reporter", "json::out=report.json", "--reporter",
                     "json::compact=true::out=short.json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("Summary"), std::string::npos);
  const json::value report = json::parse(project.tree.read("project/report.json"));
  EXPECT_EQ(report.at("exit_code"), 0);
  EXPECT_LT(project.tree.read("project/short.json").size(), project.tree.read("project/report.json").size());
  EXPECT_EQ(parsed(project.ktstr({"test", "--json"})).at("exit_code"), 0);
  expect_error(project.ktstr({"test", "--reporter", "terminal", "--reporter", "json"}), 2,
               {"two reporters write to stdout"});
  expect_error(project.ktstr({"test", "--reporter", "json::out=/nonexistent/x"}), 2,
               {"there is no directory /nonexistent"});
  expect_error(project.ktstr({"test", "--reporter", "json::otu=x"}), 2, {"unknown option \"otu\""});
}

TEST(TestRun, FailingReporterKeepsTheVerdict) {
  const Project project;
  const auto with_full_disk = [&](const char* test, const char* destination) {
    project.write("tests/all.json", one_test(test));
    Program program = project.program({});
    program.argv = {"sh", "-c", std::string(KTSTR_BINARY) + " test " + destination};
    return run_program(program);
  };
  fs::create_symlink("/dev/full", project.tree / "full");  // a bug replaces the link, not the device
  for (const char* destination : {">/dev/full", "--reporter terminal --reporter json::out=../full"}) {
    const ProgramResult passed = with_full_disk(R"("outcome": "passed")", destination);
    EXPECT_EQ(passed.exit_code, 4) << destination << passed.out << passed.err;
    EXPECT_NE(passed.err.find("No space left on device"), std::string::npos) << passed.err;
    EXPECT_EQ(with_full_disk(R"("outcome": "failed")", destination).exit_code, 1);
  }
  EXPECT_TRUE(fs::is_symlink(project.tree / "full")) << "a device is written to, not replaced";
  project.write("tests/all.json", one_test(R"("outcome": "passed")"));
  fs::create_symlink("/dev/stdout", project.tree / "out");
  const ProgramResult device = project.ktstr({"test", "--reporter", "json::out=../out"});
  EXPECT_EQ(device.exit_code, 0) << device.err;
  EXPECT_EQ(parsed(device).at("exit_code"), 0);
}

TEST(TestRun, AReaderThatLeavesIsNoFailure) {
  const Project project;
  for (const auto& [outcome, exit_code] :
       std::initializer_list<std::pair<const char*, int>>{{"passed", 0}, {"failed", 1}}) {
    project.write("tests/all.json",
                  one_test("\"outcome\": \"" + std::string(outcome) + "\", \"sleep_ms\": 200"));
    for (const char* reporter : {"terminal", "json"}) {
      Program program = project.program({});
      program.argv = {
          "bash", "-c",
          std::string(KTSTR_BINARY) + " test --reporter " + reporter + " | true; exit ${PIPESTATUS[0]}"};
      const ProgramResult result = run_program(program);
      EXPECT_EQ(result.exit_code, exit_code) << reporter << result.err;
      EXPECT_EQ(result.err.find("pipe"), std::string::npos) << result.err;
    }
  }
}

TEST(TestRun, UnwritableStoreIsNoSuccess) {
  const Project project;
  project.write("occupied", "a file where the run directory should be\n");
  const ProgramResult result =
      project.ktstr({"test"}, {{"KTSTR_SIDECAR_DIR", (project.directory() / "occupied").string()}});
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_NE(result.err.find("occupied"), std::string::npos) << result.err;
}

bool is_clean(const std::string& text, bool colour) {
  const std::string rest = colour ? std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), "") : text;
  return rest.find_first_of("\x1b\x07\x08\r\x7f") == std::string::npos &&
         rest.find("\xE2\x80\xAE") == std::string::npos;
}

TEST(TestRun, HostileTextIsNeverRaw) {
  const Project project;
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "evil\u001b]0;owned\u0007\u202e", "outcome": "failed", "message": "m\u001b[2J\rx\u007f\u202e",
    "scheduler": "s\u001b[31m", "topology": "t\u0008", "work_type": "w\u001b[0m", "sidecar": "hostile"}, {"name": "good"}]})");
  for (const Arguments& arguments : {Arguments{"test"},
                                     {"test", "--list"},
                                     {"test", "nothing"},
                                     {"stats", "list"},
                                     {"test", "--json"},
                                     {"test", "--color", "always"}}) {
    const ProgramResult result = project.ktstr(arguments);
    EXPECT_TRUE(is_clean(result.out, arguments.back() == "always") &&
                is_clean(result.err, arguments.back() == "always"))
        << ::testing::PrintToString(arguments);
  }
  for (const Arguments& arguments : {Arguments{"te\x1b[2Jst"},
                                     {"test", "--\x1b[2J"},
                                     {"test", "\x1b[2J"},
                                     {"kernel", "remove", "\x1b[2J"},
                                     {"test", "--reporter", "\x1b[2J"},
                                     {"plugin", "info", "\x1b[2J"},
                                     {"help", "\x1b[2J"},
                                     {"-C", "\x1b[2J", "test"},
                                     {"perf-delta", "--base", "\x1b[2J"},
                                     {"test", "--color", "\x1b[2J"},
                                     {"test", "--jobs", "\x1b[2J"}}) {
    const ProgramResult result = project.ktstr(arguments);
    EXPECT_NE(result.exit_code, 0);
    EXPECT_TRUE(is_clean(result.out + result.err, false)) << result.err;
  }
}

TEST(TestRun, ColourOnlyWhereItIsWanted) {
  const Project project;
  const auto coloured = [&](const Arguments& arguments, const Variables& more) {
    return project.ktstr(arguments, more).out.find('\x1b') != std::string::npos;
  };
  EXPECT_FALSE(coloured({"test"}, {}));
  EXPECT_TRUE(coloured({"test", "--color", "always"}, {}));
  EXPECT_TRUE(coloured({"test", "--color", "always"}, {{"NO_COLOR", "1"}}))
      << "a flag is nearer than the environment";
  EXPECT_TRUE(coloured({"test"}, {{"CLICOLOR_FORCE", "1"}}));
  EXPECT_FALSE(coloured({"test"}, {{"CLICOLOR_FORCE", "1"}, {"NO_COLOR", "1"}}));
  EXPECT_FALSE(coloured({"test", "--color", "never"}, {{"CLICOLOR_FORCE", "1"}}));
}

TEST(TestRun, LocaleChangesNothing) {
  const Project project;
  project.two_commits();
  const Arguments arguments{"perf-delta", "--base", "HEAD~1", "--all-metrics"};
  const std::string plain = project.ktstr(arguments).out;
  for (const char* locale : {"de_DE.UTF-8", "tr_TR.UTF-8", "C", "no_SUCH.locale"})
    EXPECT_EQ(project.ktstr(arguments, {{"LC_ALL", locale}}).out, plain) << locale;
}

}  // namespace
}  // namespace ktstr::testing
