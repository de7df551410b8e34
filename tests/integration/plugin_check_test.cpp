// SPDX-License-Identifier: Apache-2.0
//
// ktstr plugin check: what comes with ktstr passes, and what breaks one promise fails the case that says so.
#include <algorithm>
#include <set>

#include "project.hpp"

namespace ktstr::testing {
namespace {

class PluginCheck : public ::testing::Test {
 protected:
  fs::path library(const std::string& fixture, const std::string& name) {
    const fs::path place = project.tree.directory("checked-" + fixture);
    fs::permissions(place, fs::perms(0755));
    install_plugin(fs::path(KTSTR_FIXTURES_DIR) / fixture, place);
    return place / (name + ".so");
  }
  /// The result of a check, and "SUBJECT, CASE" of what failed.
  struct Checked {
    ProgramResult result;
    json::object document;
    std::set<std::string> failed;
    std::string message;
  };
  Checked check(const fs::path& file, const Arguments& more = {}, const Variables& variables = {}) {
    Program program = project.program({"plugin", "check", file.string(), "--json"});
    program.argv.insert(program.argv.end(), more.begin(), more.end());
    for (const auto& [name, value] : variables) program.environment[name] = value;
    program.timeout = std::chrono::seconds(300);
    Checked checked{run_program(program), {}, {}, {}};
    EXPECT_TRUE(checked.result.out.starts_with('{')) << checked.result.out << checked.result.err;
    if (!checked.result.out.starts_with('{')) return checked;
    checked.document = json::parse(checked.result.out).as_object();
    for (const json::value& one : checked.document.at("cases").as_array()) {
      if (one.at("state") != "failed") continue;
      checked.failed.insert(std::string(one.at("case").as_string()));
      checked.message += std::string(one.at("message").as_string()) + '\n';
    }
    return checked;
  }
  Checked check_fuzz(const fs::path& file, const Arguments& more) {
    Program program = project.program({"plugin", "check", file.string(), "--json"});
    program.argv.insert(program.argv.end(), more.begin(), more.end());
    Checked checked{run_program(program), {}, {}, {}};
    checked.document = parsed(checked.result).as_object();
    EXPECT_EQ(checked.document.at("document"), "plugin-fuzz");
    return checked;
  }
  /// "--case" for each that is of this kind alone.
  Arguments cases_of(const std::string& kind) const {
    Arguments all;
    const json::value document = json::parse(project.ktstr({"plugin", "check", "--list", "--json"}).out);
    for (const json::value& one : document.at("cases").as_array()) {
      if (one.at("kind") == kind.c_str())
        all.insert(all.end(), {"--case", std::string(one.at("name").as_string())});
    }
    EXPECT_FALSE(all.empty());
    return all;
  }
  /// A way to break a promise that a fixture knows, the cases that it fails and what one of them says.
  struct Bad {
    const char* how;
    std::set<std::string> cases;
    const char* told;
  };
  /// Exactly these cases fail, and one of the messages has `told`.
  void expect_failing(const Checked& checked, const std::set<std::string>& cases, const std::string& told) {
    EXPECT_EQ(checked.failed, cases) << checked.message;
    EXPECT_EQ(checked.result.exit_code, cases.empty() ? 0 : 1) << checked.result.err;
    EXPECT_NE(checked.message.find(told), std::string::npos) << checked.message;
  }
  void expect_all_passed(const Checked& checked) {
    EXPECT_EQ(checked.result.exit_code, 0) << checked.result.out << checked.result.err;
    EXPECT_EQ(checked.failed, std::set<std::string>()) << checked.message;
    EXPECT_EQ(checked.document.at("counts").at("skipped"), 0) << checked.result.out;
  }
  Project project;
};

TEST_F(PluginCheck, ThereAreCasesOfEveryKindWithNamesOfTheirOwn) {
  const ProgramResult listed = project.ktstr({"plugin", "check", "--list", "--json"});
  std::set<std::string> names, kinds;
  const json::value document = json::parse(listed.out);
  for (const json::value& one : document.at("cases").as_array()) {
    EXPECT_TRUE(names.insert(std::string(one.at("name").as_string())).second) << one.at("name");
    kinds.insert(std::string(one.at("kind").as_string()));
  }
  EXPECT_GE(names.size(), 60U);
  EXPECT_EQ(kinds,
            (std::set<std::string>{"plugin", "all", "gate", "reporter", "store", "baseline", "runner"}));
}

TEST_F(PluginCheck, ARunnerPassesTheCasesOfRunners) {
  SKIP_WITH_SANITIZER();
  Arguments of_runner = cases_of("runner");
  of_runner.insert(of_runner.end(),
                   {"--name", "fake", "--manifest", (project.directory() / "tests/all.json").string()});
  expect_all_passed(check(library("fake-runner", "fixture-fake-runner"), of_runner));
}

TEST_F(PluginCheck, ShippedPluginsPassEveryCase) {
  SKIP_WITH_SANITIZER();
  for (const char* name :
       {"gate-fdr", "gate-threshold", "gate-welch", "sidecar-store", "baseline-git", "reporters"}) {
    SCOPED_TRACE(name);
    expect_all_passed(check(fs::path(KTSTR_PLUGINS_DIR) / (name + std::string(".so"))));
  }
}

/// Fixtures that are as simple as their tests need, and keep less than the headers promise.
TEST_F(PluginCheck, AStoreAndABaselineThatKeepLessFail) {
  SKIP_WITH_SANITIZER();
  expect_failing(check(library("folder", "fixture-folder"),
                       {"--name", "folder", "--case", "store-outside", "--case", "store-removed"}),
                 {"store-outside", "store-removed"}, "");
  expect_failing(check(library("numbers", "fixture-numbers"), {"--case", "baseline-no-repository"}),
                 {"baseline-no-repository"}, "");
}

TEST_F(PluginCheck, WhatIsBuiltWrongFailsBeforeItRuns) {
  expect_failing(check(library("wrong-major", "fixture-wrong-major")), {"loads"}, "built for ABI 2.");
  expect_failing(check(library("failing-init", "fixture-failing-init")), {"loads"}, "init failed on purpose");
  expect_failing(check(library("no-entry", "fixture-no-entry"), {"--case", "exports"}), {"exports"},
                 "exports");
  const auto quick = [&](const std::string& fixture, const std::string& name) {
    return check(library(fixture, "fixture-" + fixture), {"--case", name});
  };
  expect_failing(quick("zoo-schema", "options-schema"), {"options-schema"}, "how: \"type\" is none");
  expect_failing(quick("zoo-fast-math", "fast-math"), {"fast-math"},
                 "how floating-point numbers are computed");
  expect_failing(quick("zoo-stack", "stack-and-text"), {"stack-and-text"}, "executable stack");
  expect_failing(quick("zoo-search-path", "search-path"), {"search-path"}, "\"libraries\"");
}

TEST_F(PluginCheck, WhatBreaksOnePromiseFailsThatCaseAlone) {
  SKIP_WITH_SANITIZER();
  const Bad zoo[] = {
      {"leak", {"memory-left"}, "1000 instances left"},
      {"descriptor", {"descriptors-left"}, "left 5 descriptors open"},
      {"inherited", {"descriptors-left", "close-on-exec"}, "inherit"},
      {"thread", {"threads-left"}, "left 3 threads running"},
      {"child", {"processes-left"}, "still running"},
      {"two-lines", {"log-lines"}, "not one line"},
      {"keep", {"works"}, "crashed inside gate zoo, call evaluate (SIGSEGV)"},
      {"calls", {"gate-same-again"}, "another verdict"},
      {"behind", {"longer-structs"}, "behind the fields"},
      {"no-values", {"gate-no-values"}, "outcome that does not exist (99)"},
      {"confident", {"gate-no-values", "gate-one-value", "gate-too-few"}, "it is not inconclusive"},
      {"order", {"gate-any-order"}, "order of comparisons"},
      {"says-metric", {"gate-hostile-names"}, "printable"},
  };
  const fs::path file = library("zoo", "fixture-zoo");
  expect_all_passed(check(file));
  for (const Bad& bad : zoo) {
    SCOPED_TRACE(bad.how);
    Arguments more{"--options", R"({"how":")" + std::string(bad.how) + "\"}"};
    for (const std::string& one : bad.cases) more.insert(more.end(), {"--case", one});
    expect_failing(check(file, more), bad.cases, bad.told);
  }
  expect_failing(check(file, {"--case", "short-error"}, {{"KTSTR_TEST_ZOO_SHORT_ERROR", "1"}}),
                 {"short-error"}, "call create (SIGSEGV)");
}

/// Each by the case that says so, and by that one alone of those of its kind.
TEST_F(PluginCheck, ARunnerThatBreaksOnePromiseFailsThatCaseAlone) {
  SKIP_WITH_SANITIZER();
  const Bad zoo[] = {
      {"probe-words", {"runner-probe"}, "what probe wrote"},
      {"probe-state", {"runner-probe"}, "not ok, warn or fail"},
      {"no-manifest", {"runner-missing-manifest"}, "is no error"},
      {"any-manifest", {"runner-broken-manifest"}, "status 0 instead of 2"},
      {"unsorted", {"runner-names"}, "not sorted"},
      {"path-names", {"runner-names", "runner-names-twice"}, "a test is called"},
      {"twice", {"runner-names-twice"}, "two tests of one name"},
      {"goes-on", {"runner-stopped-walk"}, "does not end with the status"},
      {"trusting", {"runner-odd-requests"}, "call discover (SIGABRT)"},
      {"strict", {"runner-unknown-keys"}, "unknown key"},
      {"ghost", {"runner-odd-requests", "runner-run-nothing"}, "tests that do not exist"},
      {"slow-interrupt", {"runner-interrupt-idle"}, "does not return at once"},
      {"deaf", {"runner-cancelled"}, "goes on for seconds"},
  };
  project.write("tests/two.json", R"({"tests": [{"name": "zebra"}, {"name": "ant"}]})");
  const fs::path file = library("zoo-runner", "fixture-zoo-runner");
  Arguments all = cases_of("runner");
  all.insert(all.end(), {"--manifest", (project.directory() / "tests/two.json").string()});
  expect_all_passed(check(file, all));
  for (const Bad& bad : zoo) {
    SCOPED_TRACE(bad.how);
    Arguments more = all;
    more.insert(more.end(), {"--options", R"({"how":")" + std::string(bad.how) + "\"}"});
    expect_failing(check(file, more), bad.cases, bad.told);
  }
}

#ifdef KTSTR_KVM_RUNNER  // the folder of the runner may be gone
TEST_F(PluginCheck, TheRunnerOfGuestsPassesWithoutBootingOne) {
  SKIP_WITH_SANITIZER();
  Arguments more = cases_of("runner");
  for (const char* one :
       {"exports", "unique-symbols", "fast-math", "start-code", "odd-options", "longer-structs"})
    more.insert(more.end(), {"--case", one});
  more.insert(more.end(), {"--manifest", KTSTR_TEST_MANIFEST});
  expect_all_passed(check(KTSTR_KVM_RUNNER, more));
}
#endif

TEST_F(PluginCheck, PluginsOfEveryMinorThatWasKeptWorkOnTodaysHost) {
  SKIP_WITH_SANITIZER();
  std::size_t minors = 0;
  for (const auto& entry : fs::directory_iterator(KTSTR_FIXTURES_DIR)) {
    const std::string folder = entry.path().filename().string();
    if (!folder.starts_with("abi-")) continue;
    ++minors;
    const std::string minor = folder.substr(4);
    for (const char* name : {"zoo", "good-gate", "recording", "numbers", "folder", "zoo-runner"}) {
      SCOPED_TRACE(minor + " " + name);
      expect_all_passed(check(library(folder, "fixture-" + minor + "-" + name),
                              {"--case", "works", "--case", "longer-structs", "--case", "longer-request"}));
    }
  }
  EXPECT_GT(minors, 0U);
}

TEST_F(PluginCheck, CallsByChanceFindWhatNoCaseFinds) {
  SKIP_WITH_SANITIZER();
  const fs::path file = library("zoo", "fixture-zoo");
  for (const std::string how : {"nan", "nothing"}) {
    SCOPED_TRACE(how);
    const std::string options = R"({"how":")" + how + "\"}";
    const Checked checked = check_fuzz(file, {"--seed", "7", "--fuzz", "0.1", "--options", options});
    EXPECT_EQ(checked.result.exit_code, 1) << checked.result.out << checked.result.err;
    const json::object& finding = checked.document.at("subjects").at(0).at("findings").at(0).as_object();
    EXPECT_NE(finding.at("message").as_string().find("call evaluate"), std::string::npos) << finding;
    const std::string number = json::serialize(finding.at("case"));
    const Checked again = check_fuzz(file, {"--seed", "7", "--fuzz-case", number, "--options", options});
    EXPECT_EQ(again.document.at("subjects").at(0).at("findings").at(0), json::value(finding));
    EXPECT_EQ(again.document.at("subjects").at(0).at("cases"), 1);
  }
  const Checked fine = check_fuzz(file, {"--seed", "7", "--fuzz", "0.1"});
  EXPECT_EQ(fine.result.exit_code, 0) << fine.result.out;
  EXPECT_GT(fine.document.at("subjects").at(0).at("cases").as_int64(), 100);
}

TEST_F(PluginCheck, ShippedPluginsSurviveCallsByChance) {
  SKIP_WITH_SANITIZER();
  for (const auto& entry : fs::directory_iterator(KTSTR_PLUGINS_DIR)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".so") || name.starts_with("sidecar-store-s3"))
      continue;  // that one needs its server
    SCOPED_TRACE(name);
    const Checked checked = check_fuzz(entry.path(), {"--seed", "1", "--fuzz", "0.1"});
    EXPECT_EQ(checked.result.exit_code, 0) << checked.result.out << checked.result.err;
  }
}

TEST_F(PluginCheck, WhatACallDoesBesidesFailsTheCaseOfThat) {
  SKIP_WITH_SANITIZER();
  const Bad ways[] = {
      {"exit", {"works"}, "called exit() in its call evaluate"},
      {"segv", {"works"}, "crashed inside gate misbehaving, call evaluate (SIGSEGV)"},
      {"hang", {"works"}, "no end after 1.00 s, in its call evaluate"},
      {"no-such-outcome", {"works"}, "77"},
      {"write", {"read-only-input"}, "(SIGSEGV)"},
      {"chdir", {"state-directory"}, "changed the working directory in its call evaluate"},
      {"umask", {"state-umask"}, "the umask"},
      {"signals", {"state-signals"}, "SIGINT"},
      {"mask", {"state-signal-mask"}, "the mask of blocked signals"},
      {"locale", {"state-locale"}, "the locale"},
      {"traps", {"state-floating-point"}, "floating-point"},
      {"file-size", {"state-limits"}, "resource limits"},
      {"environment", {"state-environment"}, "environment"},
      {"close012", {"state-standard-descriptors"}, "descriptor 0"},
      {"print", {"prints-nothing"}, "host's log"},
  };
  const fs::path file = library("misbehaving", "fixture-misbehaving");
  for (const Bad& bad : ways) {
    SCOPED_TRACE(bad.how);
    expect_failing(check(file, {"--case", *bad.cases.begin(), "--deadline", "1", "--options",
                                R"({"when":"evaluate","how":")" + std::string(bad.how) + "\"}"}),
                   bad.cases, bad.told);
  }
  expect_failing(check(file, {"--case", {"state-umask"}, "--options", R"({"when":"end","how":"umask"})"}),
                 {"state-umask"}, "reporter misbehaving changed the umask in its call end");
}

TEST_F(PluginCheck, WhatCouldNotBeFoundOutIsNoPass) {
  SKIP_WITH_SANITIZER();
  const fs::path file = library("fake-runner", "fixture-fake-runner");
  const ProgramResult result =
      project.ktstr({"plugin", "check", file.string(), "--name", "fake", "--case", "runner-names"});
  EXPECT_EQ(result.exit_code, 5) << result.out << result.err;
  EXPECT_NE(result.out.find("SKIP  runner fake, runner-names: no manifest"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(" 0 failed, 1 skipped"), std::string::npos) << result.out;
}

TEST_F(PluginCheck, MistakesAreTold) {
  const fs::path file = library("zoo", "fixture-zoo");
  expect_error(project.ktstr({"plugin", "check"}), 2, {"needs the library or the manifest"});
  expect_error(project.ktstr({"plugin", "check", "gone.so"}), 2, {"there is no plugin gone.so"});
  expect_error(project.ktstr({"plugin", "check", file.string(), "--case", "leeks"}), 2,
               {"no case \"leeks\""});
  expect_error(project.ktstr({"plugin", "check", file.string(), "--name", "zo"}), 2, {"no \"zo\"", "zoo"});
  expect_error(project.ktstr({"plugin", "check", file.string(), "--options", "7"}), 2, {"no JSON object"});
  expect_error(project.ktstr({"plugin", "check", file.string(), "--seed", "7"}), 2, {"add --fuzz"});
  expect_error(project.ktstr({"plugin", "check", file.string(), "--fuzz-case", "7"}), 2, {"--seed"});
  expect_error(project.ktstr({"plugin", "check", file.string(), "--fuzz", "1", "--case", "works"}), 2,
               {"--case"});
}

}  // namespace
}  // namespace ktstr::testing
